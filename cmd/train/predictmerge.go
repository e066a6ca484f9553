package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer/shares"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

// mergeFlags are the flags of `train predict merge`.
type mergeFlags struct {
	out       string
	overwrite bool
	id        string
	given     bool // id is
}

// newPredictMerge is `train predict merge`: the parts of a corpus as one file.
func newPredictMerge(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "merge FOLDER",
		Short: "Check the parts of a corpus and make them one file",
		Long: `Merge holds the parts that the shares of train predict left in a folder against their
records: all are there, complete and as they were written, of one model and of the same files.
It counts rows and labels, and with --out writes the parts as one file, in the order of
the texts and in their format. The file is there when it is whole and nothing is wrong.

Where a column id was kept (--id names another, --id "" none) the files are read again, and
the id of every row is held against that of its text: ids that are missing or there twice
are named.`,
		Example: `  train predict merge parts/ --out all.csv`,
		Args:    oneArgument("FOLDER", "the folder of the parts, --out of train predict"),
	}
	var f mergeFlags
	flags := c.Flags()
	flags.StringVar(&f.out, "out", "", "file of all predictions (default: the parts are checked and counted alone)")
	flags.BoolVar(&f.overwrite, "overwrite", false, "discard what is in --out")
	flags.StringVar(&f.id, "id", "id", "kept column that tells rows apart, by its name in the parts (default: id, where that is kept)")
	c.RunE = func(_ *cobra.Command, args []string) error {
		f.given = flags.Changed("id")
		return a.merge(args[0], f)
	}
	return c
}

// merge merges the parts of a folder.
func (a *app) merge(dir string, f mergeFlags) error {
	plan, err := shares.ReadPlan(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return usagef("predict merge", "%s: no parts here, want the folder that was --out of train predict", dir)
	}
	if err != nil {
		return err
	}
	id, err := f.column(plan)
	if err != nil {
		return err
	}
	if err := f.check(plan); err != nil {
		return err
	}
	whole, err := f.write(plan, id)
	if err != nil {
		return err
	}
	return a.showWhole(whole, id)
}

// check refuses an output that is there, or has the suffix of another format.
func (f *mergeFlags) check(plan *shares.Plan) error {
	suffix := strings.ToLower(filepath.Ext(f.out))
	switch {
	case f.out == "":
		return nil
	case suffix != "."+plan.Format && (suffix != ".ndjson" || plan.Format != data.JSONL):
		return usagef("predict merge", "--out is %s, but the parts are %s, and are put one behind another as they are; want .%s", f.out, plan.Format, plan.Format)
	case !f.overwrite && atomicfile.Exists(f.out):
		return usagef("predict merge", "%s is there; discard it by --overwrite", f.out)
	}
	return nil
}

// column is the column of ids, nil for none.
func (f *mergeFlags) column(plan *shares.Plan) (*shares.ID, error) {
	var p predictFlags
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	p.add(flags)
	for name, value := range plan.Settings {
		if err := flags.Set(name, value); err != nil {
			return nil, err
		}
	}
	if err := p.named(); err != nil {
		return nil, err
	}
	p.source.SkipMalformed = p.malformed == configs.SkipMalformed
	at := slices.Index(p.shape.keep, f.id)
	switch {
	case f.id == "" || at < 0 && !f.given:
		return nil, nil
	case at < 0:
		return nil, usagef("predict merge", "--id is %s, but the columns kept are %q", f.id, p.shape.keep)
	}
	return &shares.ID{Name: f.id, Source: p.source, Kept: at}, nil
}

// write writes the parts as one file, or checks them alone.
func (f *mergeFlags) write(plan *shares.Plan, id *shares.ID) (whole *shares.Whole, err error) {
	if f.out == "" {
		return plan.Merge(nil, id)
	}
	err = atomicfile.WriteWith(f.out, func(w io.Writer) (err error) {
		whole, err = plan.Merge(w, id)
		return err
	})
	return whole, err
}

// showWhole shows what the parts are together.
func (a *app) showWhole(whole *shares.Whole, id *shares.ID) error {
	return a.show(whole, 0, func(w io.Writer) {
		fmt.Fprintf(w, "shares\t%d\nfiles\t%d\nrows\t%d\nskipped\t%d\npredictions\t%d\n", whole.Shares, whole.Files, whole.Rows, whole.Skipped, whole.Predicted)
		for _, label := range slices.Sorted(maps.Keys(whole.Labels)) {
			if label == "" {
				fmt.Fprintf(w, "no label\t%d\n", whole.Labels[label])
			} else {
				fmt.Fprintf(w, "label %s\t%d\n", label, whole.Labels[label])
			}
		}
		if id != nil {
			fmt.Fprintf(w, "ids held against the files\t%d\n", whole.IDs)
		}
		fmt.Fprintf(w, "seconds of all shares\t%.1f\ntexts a second of a share\t%.0f\n", whole.Seconds, whole.PerSecond)
	})
}

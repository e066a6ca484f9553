package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
)

// newInit is `train init`: an experiment for a table.
func newInit(a *app) *cobra.Command {
	var out string
	var force bool
	var d configs.Draft
	c := &cobra.Command{
		Use:   "init FILE",
		Short: "Look at a table and write an experiment for it",
		Long: `Init reads a CSV, TSV or JSONL file through, guesses which column is the text and
which the label, and writes a commented YAML file that says what it saw and can be
edited: the name of FILE with the suffix .yaml, in this folder.`,
		Example: `  train init reviews.csv
  train init more.tsv.gz --text title --label topic --out topics.yaml`,
		Args: oneArgument("FILE", "a CSV, TSV or JSONL file with a text column and a label column"),
	}
	flags := c.Flags()
	flags.StringSliceVar(&d.Text, "text", nil, "text column, or two for pairs (default: guessed)")
	flags.StringVar(&d.Label, "label", "", "label column (default: guessed)")
	flags.StringVar(&out, "out", "", "file to write (default: FILE's name with .yaml)")
	flags.BoolVar(&force, "force", false, "write over a file that is there")
	c.RunE = func(_ *cobra.Command, args []string) error {
		look, err := data.LookAt(args[0])
		if err != nil {
			return err
		}
		d.Look = look
		if err := settleColumns(&d); err != nil {
			return err
		}
		if out == "" {
			name, _, _ := strings.Cut(filepath.Base(args[0]), ".")
			out = name + ".yaml"
		}
		return a.writeDraft(&d, out, force)
	}
	return c
}

// settleColumns guesses the columns that are not named, and refuses those that are not
// there.
func settleColumns(d *configs.Draft) error {
	var names []string
	for _, c := range d.Look.Columns {
		names = append(names, c.Name)
	}
	if d.Label == "" {
		d.Label = d.Look.Label()
	}
	if len(d.Text) == 0 {
		d.Text = d.Look.Text(d.Label)
	}
	switch {
	case d.Label == "":
		return usagef("init", "no column of %s looks like a label; name it with --label, one of %s", d.Look.Path, strings.Join(names, ", "))
	case len(d.Text) == 0:
		return usagef("init", "no column of %s looks like text; name it with --text, one of %s", d.Look.Path, strings.Join(names, ", "))
	case len(d.Text) > 2:
		return usagef("init", "--text names %d columns, want one, or two for pairs", len(d.Text))
	}
	for _, name := range append(slices.Clone(d.Text), d.Label) {
		if !slices.Contains(names, name) {
			return usagef("init", "%s has no column %q, only %s", d.Look.Path, name, strings.Join(names, ", "))
		}
	}
	if c := d.Look.Column(d.Label); !c.Labels() {
		return usagef("init", "column %q of %s is none of labels: want one value or another in every row, and %d at most unless they are numbers", d.Label, d.Look.Path, len(c.Values))
	}
	return nil
}

// writeDraft writes the experiment where no file is, or over one if forced, and says
// what to look at.
func (a *app) writeDraft(d *configs.Draft, out string, force bool) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(out, flags, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return usagef("init", "%s is there; name another file with --out, or write over it with --force", out)
	}
	if err != nil {
		return err
	}
	_, err = file.Write(d.YAML())
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "%s: text %s, label %s, %d rows; next: train data %s\n", out, strings.Join(d.Text, " and "), d.Label, d.Look.Rows, out)
	return err
}

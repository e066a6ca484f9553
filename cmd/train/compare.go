package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/experiments/compare"
	"github.com/powerbert/powerbert/sweep"
)

// newCompare is `train compare`: one table of many runs.
func newCompare(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "compare RUN...",
		Short: "One table of many runs",
		Long: `Compare gathers run directories, or all runs of a sweep's directory, into one
table: the keys in which they differ, the dev metric of BERT (stage 1) and
PoWER-BERT (stage 3), the multiply-adds of stage 3 per dev example, and how many
times fewer they are than BERT's, neither padded and both padded. Runs that differ
in nothing but seed, the fold of a cross-validation, or workers, which change what
dropout draws, share a row: mean ± standard deviation [min–max], and --json has that of every figure. A run
that is not complete, or a dry one, is listed below the table.`,
		Example: `  train compare runs/demo runs/again
  train compare runs/demo-sweep --json`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeDir,
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		dirs, err := runDirs(args)
		if err != nil {
			return err
		}
		return a.compare(dirs)
	}
	return c
}

// runDirs are run directories, with those of a sweep in its place.
func runDirs(args []string) (dirs []string, err error) {
	for _, dir := range args {
		if !sweep.Is(dir) {
			dirs = append(dirs, dir)
			continue
		}
		s, err := sweep.Open(dir)
		if err != nil {
			return nil, err
		}
		dirs = append(dirs, s.Dirs()...)
	}
	return dirs, nil
}

// compare shows the table of runs, and that of runs that are not complete.
func (a *app) compare(dirs []string) error {
	c, err := compare.Runs(dirs)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(c)
	}
	for i, rows := range slices.DeleteFunc([][][]string{c.Rows(), c.IncompleteRows()}, func(rows [][]string) bool { return rows == nil }) {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		err = cmp.Or(err, a.table(0, func(w io.Writer) { writeRows(w, rows) }))
	}
	return err
}

func writeRows(w io.Writer, rows [][]string) {
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
}

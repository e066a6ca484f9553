package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/experiments"
	"github.com/powerbert/powerbert/metric"
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
in nothing but seed, or in workers, which change what dropout draws, share a row:
mean ± standard deviation [min–max], and --json has that of every figure. A run
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

// compare shows the table of runs.
func (a *app) compare(dirs []string) error {
	c, err := experiments.Compare(dirs)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(c)
	}
	if len(c.Groups) > 0 {
		if err := a.table(0, func(w io.Writer) { writeGroups(w, c) }); err != nil {
			return err
		}
	}
	if len(c.Incomplete) == 0 {
		return nil
	}
	if len(c.Groups) > 0 {
		fmt.Fprintln(a.stdout)
	}
	return a.table(0, func(w io.Writer) { writeIncomplete(w, c) })
}

func writeGroups(w io.Writer, c *experiments.Comparison) {
	header := append(slices.Clone(c.Keys), "seed", "n", "metric", "BERT", "PoWER", "multiply-adds", "padded", "fewer", "both padded", "runs")
	fmt.Fprintln(w, strings.Join(header, "\t"))
	for _, g := range c.Groups {
		var seeds, runs []string
		for _, r := range g.Runs {
			seeds, runs = append(seeds, fmt.Sprint(r.Seed)), append(runs, r.Dir)
		}
		writeSettings(w, c.Keys, g.Settings)
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%.2f×%s\t%.2f×%s\t%s\n", strings.Join(seeds, " "), len(g.Runs), g.Metric,
			quality(g.BERT), quality(g.PoWER), millions(g.MACs.Mean), millions(g.PaddedMACs.Mean),
			g.Fewer.Mean, between(g.Fewer, 2), g.FewerPadded.Mean, between(g.FewerPadded, 2), strings.Join(runs, " "))
	}
}

func writeSettings(w io.Writer, keys []string, settings map[string]any) {
	for _, key := range keys {
		fmt.Fprintf(w, "%v\t", settings[key])
	}
}

// quality writes a metric, with its spread where several runs have it.
func quality(s metric.Spread) string {
	if s.N == 1 {
		return fmt.Sprintf("%.4f", s.Mean)
	}
	return fmt.Sprintf("%.4f ± %.4f%s", s.Mean, s.SD, between(s, 4))
}

// between writes the least and the greatest of several.
func between(s metric.Spread, digits int) string {
	if s.N == 1 {
		return ""
	}
	return fmt.Sprintf(" [%.*f–%.*f]", digits, s.Min, digits, s.Max)
}

func writeIncomplete(w io.Writer, c *experiments.Comparison) {
	fmt.Fprintln(w, strings.Join(append(slices.Clone(c.Keys), "seed", "not complete: lacks", "run"), "\t"))
	for _, r := range c.Incomplete {
		writeSettings(w, c.Keys, r.Settings)
		fmt.Fprintf(w, "%d\t%s\t%s\n", r.Seed, r.Missing(), r.Dir)
	}
}

package main

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/experiments/report"
)

// newReport is `train report`: what the elimination of a run costs and saves.
func newReport(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "report DIR",
		Short: "Compare PoWER-BERT with BERT: quality, cost, time",
		Long: `Report measures the models of a run directory whose stages are complete: the dev
metric, the word-vectors that each encoder keeps, multiply-adds and time, of BERT
(finetune/) and PoWER-BERT (retrain/), each with padded inputs and without padding.
It shows a table and writes DIR/report.html, or --out where nothing can be written to
DIR, which opens offline in a browser.

The page shows what PoWER-BERT gets wrong: which label is taken for which, the rows on
which it is most surely wrong, the metric by length and by the columns of --by, precision
and recall over the threshold, and how far probabilities can be trusted.`,
		Example: `  train report runs/demo
  train report runs/mine --by product,language
  train report /mnt/archive/demo --out demo.html
  train report runs/sst2 --examples 872 --seconds 120`,
		Args: oneArgument("DIR", "a run directory, as runs/demo"),
	}
	examples := c.Flags().Int("examples", report.DefaultExamples, "dev examples to time at most")
	out := c.Flags().String("out", "", "file to write (default DIR/report.html)")
	by := c.Flags().StringSlice("by", nil, "score by the values of columns, too, as train eval does; the length is there always")
	seconds := c.Flags().Float64("seconds", report.DefaultBudget.Seconds(), "how long to time, about")
	c.ValidArgsFunction = completeDir
	c.RunE = func(_ *cobra.Command, args []string) error {
		if *examples < 1 || !(*seconds > 0) {
			return &usageError{c.CommandPath(), fmt.Errorf("--examples is %d and --seconds %g, want both above 0", *examples, *seconds)}
		}
		return a.report(c, args[0], report.Options{
			Out: *out, By: *by, Examples: *examples, Budget: time.Duration(*seconds * float64(time.Second)),
			Program: programVersion().String(), Log: slog.Default(),
		})
	}
	return c
}

// report measures, shows the table and writes the file: in this order, so that
// where the disk is full by then the figures are not lost.
func (a *app) report(c *cobra.Command, dir string, o report.Options) error {
	r, err := report.Measure(c.Context(), dir, o)
	if err != nil {
		return err
	}
	if !a.json {
		if err := r.Summary.WriteText(a.stdout); err != nil {
			return err
		}
	}
	path, err := r.Save(o.Out)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(struct {
			report.Summary
			Mistakes *report.Mistakes `json:"mistakes"`
			Report   string           `json:"report"`
		}{r.Summary, r.Mistakes, path})
	}
	_, err = fmt.Fprintf(a.stdout, "\nreport: %s (opens in any browser, offline)\n", path)
	return err
}

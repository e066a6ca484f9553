package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/pipeline"
)

// newEval is `train eval`: a stage's model on a file.
func newEval(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "eval DIR",
		Short: "Score a stage's model: metric, confusion, precision, recall, F1",
		Long: `Eval scores the model of a stage's directory on a file in the layout of its
experiment's task (a GLUE file, or a table with the same columns), or on the
experiment's dev set. Precision, recall and F1 are given per class.`,
		Example: `  train eval runs/demo/retrain
  train eval runs/mine/retrain --data more.csv --json`,
		Args:              oneArgument("DIR", "a stage's directory, as runs/demo/retrain"),
		ValidArgsFunction: completeDir,
	}
	file := c.Flags().String("data", "", "file to score on (default: the experiment's dev set)")
	c.RunE = func(c *cobra.Command, args []string) error {
		e, err := pipeline.Evaluate(c.Context(), args[0], *file)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(e)
		}
		return a.showEvaluation(e)
	}
	return c
}

// showEvaluation shows an evaluation as text.
func (a *app) showEvaluation(e *pipeline.Evaluation) error {
	return a.table(tabwriter.AlignRight, func(w io.Writer) {
		fmt.Fprintf(w, "%s on %s: %d examples", e.Dir, e.Data, e.Examples)
		if n := len(e.Skipped); n > 0 {
			fmt.Fprintf(w, ", %d malformed rows skipped", n)
		}
		fmt.Fprintf(w, "\n%s %.4f, loss %.4f\n\ntrue, predicted\t", e.Metric, e.Value, e.Loss)
		for _, label := range e.Labels {
			fmt.Fprintf(w, "%s\t", label)
		}
		for i, row := range e.Confusion {
			fmt.Fprintf(w, "\n%s\t", e.Labels[i])
			for _, count := range row {
				fmt.Fprintf(w, "%d\t", count)
			}
		}
		fmt.Fprint(w, "\n\nlabel\tprecision\trecall\tF1\texamples\t\n")
		for i, c := range e.Classes {
			fmt.Fprintf(w, "%s\t%.4f\t%.4f\t%.4f\t%d\t\n", e.Labels[i], c.Precision, c.Recall, c.F1, c.Support)
		}
	})
}

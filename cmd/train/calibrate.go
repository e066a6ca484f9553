package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/problem"
)

// newCalibrate is `train calibrate`: probabilities that mean what they say.
func newCalibrate(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "calibrate DIR",
		Short: "Fit a temperature, so that probabilities mean what they say",
		Long: `Calibrate fits the temperature T by which the logits of a stage's model are divided
so that its probabilities fit the truth best (the least cross-entropy; Guo et al.
2017). No label changes. T is kept in the model's config.json, as power_temperature:
predict, serve, exported ONNX files and Go programs divide by it. Tools that know
nothing of it say the probabilities of T = 1.

Labels that are each by itself share one T, fitted on every label of every row: one
per label would be fitted on the few rows that have a rare label. Their thresholds
are converted where they are used, so that the same labels are said. Scores have no
probabilities, so a regression is refused.

The rows must have chosen nothing: the experiment's dev set, where rows that were held
out (data.held_out) chose the epoch, or a file with --data, in the layout of the
experiment's task. Rows that a stage learned from or chose by are left out.

A model in int8 has a temperature of its own: calibrate DIR-int8, or quantise what
was calibrated.`,
		Example: `  train calibrate runs/demo/retrain
  train calibrate runs/mine/retrain --data more.csv`,
		Args:              oneArgument("DIR", "a stage's directory, as runs/demo/retrain"),
		ValidArgsFunction: completeDir,
	}
	file := c.Flags().String("data", "", "file of labelled rows to fit on (default: the experiment's dev set, if it chose nothing)")
	c.RunE = func(c *cobra.Command, args []string) error {
		result, err := pipeline.Calibrate(c.Context(), args[0], *file)
		if err != nil {
			return err
		}
		if a.json {
			return a.writeJSON(result)
		}
		err = a.table(tabwriter.AlignRight, func(w io.Writer) { writeCalibration(w, result) })
		if other := rundir.Int8(args[0]); err == nil && atomicfile.Exists(other) {
			_, err = fmt.Fprintf(a.stdout, "%s is as it was; `train quantize %s` fits a temperature of its own\n", other, args[0])
		}
		return err
	}
	return c
}

// writeCalibration shows what a temperature does.
func writeCalibration(w io.Writer, c *pipeline.Calibration) {
	fmt.Fprintf(w, "%s, calibrated on %s: %d rows", c.Dir, c.Data, c.Examples)
	if c.Known > 0 {
		fmt.Fprintf(w, ", without %d that a stage learned from or chose by", c.Known)
	}
	if n := c.Before.Decisions; n > 0 {
		fmt.Fprintf(w, "; %d labels of theirs, each by itself", n)
	}
	fmt.Fprint(w, "\n\n")
	writeTrust(w, c.Before, c.After, c.Temperature)
	fmt.Fprintln(w, "these are the rows that T was fitted on")
}

// writeTrust shows how far probabilities can be trusted: without a temperature, and if
// there is one (not 0) with it.
func writeTrust(w io.Writer, without, with *problem.Trust, temperature float64) {
	row := func(name string, t *problem.Trust) {
		fmt.Fprintf(w, "%s\t%.4f\t%.4f\t%.4f\t\n", name, t.Loss, t.ECE, t.Brier)
	}
	fmt.Fprint(w, "probabilities\tNLL\tECE\tBrier\t\n")
	if temperature == 0 {
		row("uncalibrated", without)
	} else {
		row("T = 1", without)
		row(fmt.Sprintf("T = %.4g", temperature), with)
	}
	most := 2
	if without.Decisions > 0 {
		most = 1
	}
	fmt.Fprintf(w, "\nNLL in nats; ECE over %d bins of equal width; Brier from 0 to %d\n", metric.CalibrationBins, most)
}

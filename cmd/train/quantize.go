package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/quantize"
)

// newQuantize is `train quantize`: a model in int8, beside float32.
func newQuantize(a *app) *cobra.Command {
	var j quantize.Job
	c := &cobra.Command{
		Use:   "quantize DIR",
		Short: "Make an int8 model, and hold it against float32",
		Long: `Quantize writes the model of a stage's directory, or any classifier of a known
family in a Hugging Face directory, with the weights of its linear layers and its
table of words as 8-bit integers, to DIR-int8: a fourth of the size, and faster.
predict, serve, eval and bench take that directory as any other; what trains
wants DIR.

It runs both precisions on the experiment's dev set, or on a file, and shows the
metric of each, how many labels agree, how far probabilities move, which share of
the word-vectors that an encoder keeps are others, bytes, and time. Labels are
needed for the metric alone.

Layers that cost most stay in float32 until 98.5 % of the labels agree and the
divergence, the mean over the texts of KL(float32 ‖ int8) in nats, is within --bound.
Of a regression it is half the mean
square of what scores move by, in units of the variance of float32's.`,
		Example: `  train quantize runs/demo/retrain
  train quantize runs/mine/retrain --data more.csv --bound 0.001
  train quantize bert-sst2 --data reviews.txt --unlabelled --out bert-sst2-small`,
		Args:              oneArgument("DIR", modelMeaning),
		ValidArgsFunction: completeDir,
	}
	flags := c.Flags()
	flags.StringVar(&j.Out, "out", "", "directory of the int8 model (default: DIR-int8); an int8 model there is replaced")
	compared(c, &j.Texts, &j.Bound)
	a.renamed(c, "texts", "data", "unlabelled")
	_ = c.MarkFlagDirname("out") // fails only for an unknown flag
	c.RunE = func(c *cobra.Command, args []string) error {
		j.Dir = args[0]
		if err := checkTexts("quantize", &j.Texts); err != nil {
			return err
		}
		result, err := a.quantize(c.Context(), j)
		if err != nil {
			return err
		}
		return a.showComparison(result)
	}
	return c
}

// quantize refuses what cannot be quantised, and quantises the rest.
func (a *app) quantize(ctx context.Context, j quantize.Job) (*quantize.Comparison, error) {
	if err := checkBound("quantize", j.Bound); err != nil {
		return nil, err
	}
	if err := wantModel("quantize", j.Dir); err != nil {
		return nil, err
	}
	if err := rundir.NoSearch(j.Dir); err != nil && rundir.StageDir(j.Dir).Complete() {
		return nil, usagef("quantize", "%w", err)
	}
	length, err := textLength("quantize", j.Dir, 0)
	if err != nil {
		return nil, err
	}
	j.Length, j.Log = length, slog.Default()
	result, err := j.Run(ctx)
	return result, lacking("quantize", err)
}

// compared adds the flags of how far int8 may be from float32, and on which texts.
func compared(c *cobra.Command, t *quantize.Texts, bound *float64) {
	flags := c.Flags()
	flags.StringVar(&t.File, "data", "", "file to compare on (default: the experiment's dev set)")
	flags.BoolVar(&t.Bare, "unlabelled", false, "the file has texts without labels, one a line or a table")
	flags.StringSliceVar(&t.Columns, "text", nil, "text column, or two for pairs (default: as the experiment has it)")
	flags.StringVar(&t.Label, "label", "", "label column (default: as the experiment has it)")
	flags.Float64Var(bound, "bound", quantize.DefaultBound, "how far int8 may be from float32, beside 98.5 % of the labels that agree; 0 leaves all layers in float32 that move anything")
}

// checkTexts refuses --unlabelled without --data, or with --label.
func checkTexts(command string, t *quantize.Texts) error {
	if t.Bare && t.File == "" {
		return usagef(command, "--unlabelled is about the texts of --data, which is missing")
	}
	if t.Bare && t.Label != "" {
		return usagef(command, "--label names a column of labels, which --unlabelled says that there are none of; leave out one of the two")
	}
	return nil
}

// checkBound refuses a bound that is no finite number of 0 or more.
func checkBound(command string, bound float64) error {
	if !(bound >= 0) || math.IsInf(bound, 1) {
		return usagef(command, "--bound is %g, want a number of nats, 0 or more", bound)
	}
	return nil
}

// lacking makes a lack of texts an error of the command line; others stay as they are.
func lacking(command string, err error) error {
	if lack := (quantize.ErrTexts{}); errors.As(err, &lack) {
		return usagef(command, "%w", err)
	}
	return err
}

// showComparison shows a comparison.
func (a *app) showComparison(c *quantize.Comparison) error {
	return a.show(c, tabwriter.AlignRight, func(w io.Writer) {
		fmt.Fprintf(w, "%s: int8 of %s, on %s: %d texts\n\n", c.Out, c.Dir, c.Data, c.Examples)
		fmt.Fprint(w, "precision\t")
		if c.Metric != "" {
			fmt.Fprintf(w, "%s\t", c.Metric)
		}
		fmt.Fprint(w, "weights MB\tms a text\t\n")
		writeSide(w, "float32", &c.Float32)
		writeSide(w, "int8", &c.Int8)
		fmt.Fprintf(w, "\n%s\n", strings.Join(differences(c), "\n"))
	})
}

// writeSide writes the row of a precision, with more cells at its end.
func writeSide(w io.Writer, name string, s *quantize.Side, more ...string) {
	fmt.Fprintf(w, "%s\t", name)
	if s.Value != nil {
		fmt.Fprintf(w, "%.4f\t", *s.Value)
	}
	fmt.Fprintf(w, "%.1f\t%.3f\t", float64(s.Bytes)/1e6, s.Milliseconds)
	for _, cell := range more {
		fmt.Fprintf(w, "%s\t", cell)
	}
	fmt.Fprintln(w)
}

// differences are how int8 differs from float32, a line each.
func differences(c *quantize.Comparison) []string {
	lines := moves(c)
	if c.Interval != nil {
		lines = slices.Insert(lines, 0, fmt.Sprintf("%s changes by %+.4f [%+.4f, %+.4f], 95 %% of draws of the texts", c.Metric, *c.Int8.Value-*c.Float32.Value, c.Interval.Low, c.Interval.High))
	}
	lines = append(lines, fmt.Sprintf("divergence %.2g nats, bound %.2g; kernel %s, times on one core in batches", c.Divergence, c.Bound, c.Kernel))
	return append(lines, picksAndLayers(c)...)
}

// moves are how far labels and probabilities change, a line each.
func moves(c *quantize.Comparison) (lines []string) {
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	what := "scores"
	if c.Agreement != nil {
		what = "probabilities"
		add("labels agree on %s of the texts, want %s", percent(*c.Agreement), percent(c.Wanted))
	}
	add("%s move by %.4f on average, at most by %.4f", what, c.MeanMove, c.MostMove)
	if c.Temperature != 0 {
		add("temperature of int8: %.4g", c.Temperature)
	}
	return lines
}

// picksAndLayers are how far picks differ, and which layers stay in float32, a line each.
func picksAndLayers(c *quantize.Comparison) (lines []string) {
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if c.ChangedPicks != nil {
		var shares []string
		for _, share := range c.ChangedPicks {
			shares = append(shares, fmt.Sprintf("%.1f", 100*share))
		}
		add("word-vectors that float32 keeps and int8 does not, by encoder: %s %%", strings.Join(shares, " "))
	}
	if len(c.Before) > 0 {
		add("in float32, as there: %s", strings.Join(c.Before, ", "))
	}
	if len(c.Left)+len(c.Before) == 0 {
		add("in int8: the table of words and all layers but the outputs'")
	}
	for _, l := range c.Left {
		add("in float32: %s, which cost %.2g alone", oneName(l.Layers), l.Divergence)
	}
	return lines
}

// oneName lists layers of one encoder, after the first by the last part of their names.
func oneName(layers []string) string {
	name := layers[0]
	for _, other := range layers[1:] {
		name += ", " + other[strings.LastIndex(other, ".")+1:]
	}
	return name
}

package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/powerbert/powerbert/pipeline"
)

// evalFlags are the flags of `train eval`.
type evalFlags struct {
	pipeline.EvaluateOptions
	below float64
	wrong errorFlags
}

// newEval is `train eval`: a model on a file.
func newEval(a *app) *cobra.Command {
	var f evalFlags
	c := &cobra.Command{
		Use:   "eval DIR",
		Short: "Score a model: metrics, confusion, precision, recall, F1",
		Long: `Eval scores the model of a stage's directory on a file in the layout of its
experiment's task (a GLUE file, a folder of IMDB or RACE, or a table with the same
columns), or on the experiment's dev set, of MNLI on both; or any classifier's, as it comes
from the hub, on a table whose columns --text and --label name. Precision, recall and F1
are given per class and as their means, with the balanced accuracy (the mean recall)
and the classes that are never found or never predicted. Labels that are each by itself
have their thresholds, average precision and counts in place of the confusion.

How far probabilities can be taken at their word is said by the cross-entropy of the
truth (NLL), the expected calibration error (ECE, over 15 bins of equal width) and the
Brier score, where ` + "`train calibrate`" + ` has fitted a temperature without and with it. Of
labels that are each by itself every label of every row is a decision of its own.
--abstain-below tells how many answers are left, and how many of them are wrong, where
less probable labels are not said; --json has the whole curve and the bins.

Of more than 12 labels the pairs that are confused most stand in place of the confusion,
which --json has. --errors N shows the rows on which the model is most surely wrong: the
largest residuals of scores, of labels by themselves the largest loss of one; where the
file has the same text with another label, it says so. --errors-out FILE.csv or .jsonl
writes them with their whole texts, without --errors all of them.

--by scores parts of the file by the metric, with a 95 % interval: by length (word-pieces,
at the quartiles), and by the values of any column, the 20 most frequent ones; numbers of
more values are parted at their quartiles. The interval is Wilson's of the accuracy, and of
other metrics the percentiles of 1000 bootstrap resamples. Parts of fewer than 30 rows
are too few to tell.`,
		Example: `  train eval runs/demo/retrain
  train eval runs/mine/retrain --data more.csv --json
  train eval bert-sst2 --data reviews.csv --text review --label sentiment
  train eval runs/mine/retrain --errors 20 --errors-out errors.csv
  train eval runs/mine/retrain --by length,product`,
		Args:              oneArgument("DIR", "a stage's directory, as runs/demo/retrain"),
		ValidArgsFunction: completeDir,
	}
	f.register(c.Flags())
	c.RunE = func(c *cobra.Command, args []string) error { return a.eval(c.Context(), args[0], &f) }
	return c
}

// register adds the flags to those of the command.
func (f *evalFlags) register(flags *pflag.FlagSet) {
	flags.Float64Var(&f.below, "abstain-below", 0, "tell what comes of leaving labels empty that are less probable, above 0 up to 1")
	flags.StringVar(&f.File, "data", "", "file to score on (default: the experiment's dev set)")
	flags.StringSliceVar(&f.Text, "text", nil, "text column, or two for pairs (default: as the experiment has it)")
	flags.StringVar(&f.Label, "label", "", "label column (default: as the experiment has it)")
	flags.StringSliceVar(&f.By, "by", nil, "score parts of the file: length, or names of columns")
	flags.IntVar(&f.wrong.shown, "errors", 0, "show so many rows on which the model is most surely wrong")
	flags.StringVar(&f.wrong.out, "errors-out", "", "write the wrong answers to a file, .csv or .jsonl")
	withBudget(flags, &f.Budget)
}

// check refuses flags that make no sense with the model of dir, or with any.
func (f *evalFlags) check(dir string) error {
	if f.below < 0 || f.below > 1 {
		return usagef("eval", "--abstain-below is %g, want more than 0 up to 1", f.below)
	}
	if err := f.wrong.check(); err != nil {
		return err
	}
	if f.File == "" && (len(f.Text) > 0 || f.Label != "") {
		return usagef("eval", "--text and --label are the columns of --data, which is missing")
	}
	return checkBudget("eval", dir, f.Budget)
}

// eval scores the model of a directory and shows what it came to.
func (a *app) eval(ctx context.Context, dir string, f *evalFlags) error {
	if err := f.check(dir); err != nil {
		return err
	}
	e, err := pipeline.Evaluate(ctx, dir, f.EvaluateOptions)
	if err != nil {
		return err
	}
	if err := f.wrong.find(e); err != nil {
		return err
	}
	if f.below > 0 && !e.Abstain(f.below) {
		return usagef("eval", "--abstain-below is about the probability of one label among several, which %s does not give", dir)
	}
	if a.json {
		return a.writeJSON(e)
	}
	return a.showEvaluation(e, f.wrong.shown > 0)
}

// showEvaluation shows an evaluation as text, with wrong answers if they are asked for, and
// that on the second dev set.
func (a *app) showEvaluation(e *pipeline.Evaluation, wrong bool) error {
	err := a.table(tabwriter.AlignRight, func(w io.Writer) { writeEvaluation(w, e) })
	if err == nil && wrong {
		err = a.table(0, func(w io.Writer) { writeErrors(w, e.Errors) })
	}
	if err != nil || e.Other == nil {
		return err
	}
	fmt.Fprintln(a.stdout)
	return a.showEvaluation(e.Other, wrong)
}

func writeEvaluation(w io.Writer, e *pipeline.Evaluation) {
	fmt.Fprintf(w, "%s%s on %s: %d examples", e.Dir, budgetOf(e.Budget), e.Data, e.Examples)
	if n := len(e.Skipped); n > 0 {
		fmt.Fprintf(w, ", %d malformed rows skipped", n)
	}
	fmt.Fprintf(w, "\n%s%s %.4f, ", e.Metric, f1Of(e), e.Value)
	for _, name := range e.Also.Names() {
		fmt.Fprintf(w, "%s %.4f, ", name, e.Also[name])
	}
	fmt.Fprintf(w, "loss %.4f, %.0f examples a second\n", e.Loss, float64(e.Examples)/e.Seconds)
	if e.Classes != nil {
		writeClasses(w, e)
	}
	if e.Probabilities != nil {
		fmt.Fprintln(w)
		writeTrust(w, e.Probabilities, e.Calibrated, e.Temperature)
	}
	if c := e.Abstained; c != nil {
		fmt.Fprintf(w, "\nabstaining below %g: %s of the examples get an answer, %s of the answers are wrong\n", c.Below, percent(c.Coverage), percent(c.Risk))
	}
	writeSlices(w, e)
}

// writeClasses writes the counts of labels, and what follows from them.
func writeClasses(w io.Writer, e *pipeline.Evaluation) {
	if e.Confusion == nil {
		writeAlone(w, e)
	} else {
		writeConfusion(w, e)
	}
	if len(e.NotFound) > 0 {
		fmt.Fprintf(w, "recall is 0 of %s\n", strings.Join(e.NotFound, ", "))
	}
	if len(e.NeverPredicted) > 0 {
		fmt.Fprintf(w, "never predicted: %s\n", strings.Join(e.NeverPredicted, ", "))
	}
}

// f1Of says of which label a metric is.
func f1Of(e *pipeline.Evaluation) string {
	if e.F1Of == "" || strings.HasSuffix(e.Metric, "@"+e.F1Of) {
		return ""
	}
	return " (of " + e.F1Of + ")"
}

// writeAlone writes what becomes of each label where each is by itself.
func writeAlone(w io.Writer, e *pipeline.Evaluation) {
	fmt.Fprint(w, "\nlabel\tthreshold\tprecision\trecall\tF1\taverage precision\texamples\thit\tmissed\tfalsely said\t\n")
	for i, c := range e.Classes {
		fmt.Fprintf(w, "%s\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%d\t%d\t%d\t%d\t\n", e.Labels[i], c.Threshold, c.Precision, c.Recall, c.F1,
			c.AveragePrecision, c.Support, c.TruePositives, c.FalseNegatives, c.FalsePositives)
	}
	fmt.Fprintf(w, "macro average\t\t%.4f\t%.4f\t%.4f\t\t%d\t\t\t\t\n", e.Macro.Precision, e.Macro.Recall, e.Macro.F1, e.Examples)
}

// writeMatrix writes how many examples of each label are taken for which.
func writeMatrix(w io.Writer, e *pipeline.Evaluation) {
	fmt.Fprint(w, "\ntrue, predicted\t")
	for _, label := range e.Labels {
		fmt.Fprintf(w, "%s\t", label)
	}
	for i, row := range e.Confusion {
		fmt.Fprintf(w, "\n%s\t", e.Labels[i])
		for _, count := range row {
			fmt.Fprintf(w, "%d\t", count)
		}
	}
	fmt.Fprintln(w)
}

// writeConfusion writes which labels are taken for which, and how well each is found.
func writeConfusion(w io.Writer, e *pipeline.Evaluation) {
	if len(e.Labels) <= wholeConfusion {
		writeMatrix(w, e)
	} else {
		writePairs(w, e)
	}
	fmt.Fprint(w, "\nlabel\tprecision\trecall\tF1\texamples\t\n")
	for i, c := range e.Classes {
		fmt.Fprintf(w, "%s\t%.4f\t%.4f\t%.4f\t%d\t\n", e.Labels[i], c.Precision, c.Recall, c.F1, c.Support)
	}
	fmt.Fprintf(w, "macro average\t%.4f\t%.4f\t%.4f\t%d\t\n", e.Macro.Precision, e.Macro.Recall, e.Macro.F1, e.Examples)
	fmt.Fprintf(w, "\nbalanced accuracy %.4f\n", e.Macro.BalancedAccuracy)
}

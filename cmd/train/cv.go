package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/experiments/compare"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/sweep"
)

// newCV is `train cv`: cross-validation.
func newCV(a *app) *cobra.Command {
	e := forExperiment(&cobra.Command{
		Use:   "cv",
		Short: "Cross-validate: train on every fold, mean and spread",
		Long: `Cv parts the training examples into folds, each label spread evenly over them and
equal and near texts (data.together) together, and trains on each fold's rest to be
scored on the fold: stage 1, or with --stage retrain all three. The dev set that CONFIG
may name is not read.
Where rows are held out (data.held_out), they choose the epoch and the fold is scored
once.

The folds are a sweep over data.fold in runs/NAME-cv: a fold that is complete is not
trained again, after Ctrl-C the same command goes on, and with --stage retrain it goes
on from the stages 1 that are there. The means are over the folds, whose training sets
overlap: their spread is no confidence interval.`,
		Example: `  train cv mine.yaml
  train cv mine.yaml --folds 10 --stage retrain --out runs/mine-cv`,
	})
	flags := e.Flags()
	folds := flags.Int("folds", 5, "how many folds")
	until := flags.String("stage", configs.StageFinetune, "the last stage to train: finetune or retrain")
	out := flags.String("out", "", "directory of the folds' runs (default runs/NAME-cv)")
	_ = e.MarkFlagDirname("out") // fails only for an unknown flag
	e.RunE = func(c *cobra.Command, args []string) error {
		if *folds < 2 {
			return usagef("cv", "--folds is %d, want 2 or more", *folds)
		}
		if *until != configs.StageFinetune && *until != configs.StageRetrain {
			return usagef("cv", "--stage is %q, want finetune or retrain", *until)
		}
		points, err := e.sweepOver(args[0], *out, "-cv", foldsAxis(*folds))
		if err != nil {
			return err
		}
		if err := points.EndWith(*until); err != nil {
			return err
		}
		return a.runPoints(c.Context(), points, a.showFolds)
	}
	return e.Command
}

// foldsAxis is the axis of n folds.
func foldsAxis(n int) sweep.Axis {
	axis := sweep.Axis{Key: "data.fold"}
	for k := 1; k <= n; k++ {
		axis.Values = append(axis.Values, configs.Fold(k, n))
	}
	return axis
}

// sweepOver makes the sweep of one axis over CONFIG, or opens it if it is there. out "" is
// runs/NAME and an ending.
func (e *experimentCommand) sweepOver(config, out, ending string, axis sweep.Axis) (*sweep.Sweep, error) {
	for _, set := range e.set {
		if key, _, _ := strings.Cut(set, "="); strings.TrimSpace(key) == axis.Key {
			return nil, usagef(e.Name(), "--set %s: the runs have %s of their own; leave it out", set, axis.Key)
		}
	}
	exp, err := configs.Load(config, append(slices.Clone(e.set), axis.Key+"="+axis.Values[0]))
	if err != nil {
		return nil, err
	}
	if exp.Data.Fold != "" { // there may be too few texts for so many folds
		if _, err := data.Load(exp.Source()); err != nil {
			return nil, err
		}
	}
	if out == "" {
		out = rundir.Default(exp.Name + ending)
	}
	return sweep.Create(out, config, e.set, []sweep.Axis{axis})
}

// showFolds shows what the stages came to on each fold.
func (a *app) showFolds(dirs []string) error {
	c, err := compare.CrossValidate(dirs)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(c)
	}
	for i := range c.Stages {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		if err := a.table(0, func(w io.Writer) { writeRows(w, c.Stages[i].Rows()) }); err != nil {
			return err
		}
	}
	if len(c.Lacks) > 0 {
		fmt.Fprintf(a.stdout, "\nnot complete: %s\n", strings.Join(c.Lacks, " "))
	}
	return nil
}

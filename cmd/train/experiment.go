package main

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/experiments/paper"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/pipeline"
)

// newExperiment is `train experiment`: a figure or a table of the paper.
func newExperiment(a *app) *cobra.Command {
	var out string
	var o paper.Options
	c := &cobra.Command{
		Use:   "experiment NAME CONFIG",
		Short: "Make a figure or a table of the paper from runs",
		Long: `Experiment looks into the models of CONFIG's run directory, on the dev set as that
run reads it. It shows a table, with what the paper published and how we differ, and
writes NAME.json, NAME.svg and NAME.png into the run directory.

  cosine              how alike the word-vectors of a sentence are after each encoder
                      (figure 2); needs stage 1
  mutual-information  what is left of BERT's labels without one word-vector
                      (figure 3b); needs stage 1
  survivors           which words of some sentences outlive which encoder; needs a
                      complete run
  pareto              quality against multiply-adds and time: BERT, PoWER-BERT for
                      every λ there is (the run, its trials, --runs) and students.
                      With each of --lambdas it first searches and retrains from the
                      run's stage 1, in a directory of its own under trials/
  strategies          Attn-WS against Rand-WS and Head-WS at several budgets: the
                      retention configuration of the run (searched, or given by
                      retrain.retention) times --scales, the same for all three.
                      Each is retrained from the run's stage 1 in a directory of its
                      own under trials/, with each of --seeds
  table1, table2      BERT (ALBERT) and PoWER-BERT task by task: data, scores beside
                      the majority class, time of a batch as published (128; RACE 64;
                      padded to N) and without padding

What pareto and strategies have trained is not trained again, and after Ctrl-C the
same command goes on.

A table takes any number of CONFIGs, and run directories or sweeps by --runs; without
either it takes every shipped recipe of the table that has its data. Runs that differ
in seed alone share a row. It trains nothing: for a task that has data and no run it
names the command. Its files go to --out, by default runs.`,
		Example: `  train experiment cosine sst2
  train experiment mutual-information demo
  train experiment pareto sst2 --lambdas 1e-4,3e-4,1e-3
  train experiment pareto sst2 --runs runs/other,runs/sst2-sweep
  train experiment strategies sst2 --scales 0.25,0.5,1 --seeds 1,2,3
  train experiment table1 sst2 cola --runs runs/sst2-seeds`,
		Args:              figureArguments,
		ValidArgsFunction: completeFigure,
	}
	flags := c.Flags()
	flags.StringVar(&out, "out", "", "run directory (default runs/NAME of CONFIG); of a table, where its files go (default runs)")
	flags.StringSliceVar(&o.Runs, "runs", nil, "pareto: more run directories of the same data, or sweeps; tables: of any task")
	flags.Float64SliceVar(&o.Lambdas, "lambdas", nil, "pareto: search and retrain with each of these first")
	flags.Float64SliceVar(&o.Scales, "scales", paper.DefaultScales, "strategies: factors of the retention configuration")
	flags.IntSliceVar(&o.Seeds, "seeds", nil, "strategies: seeds to retrain with (default that of the run)")
	seconds := flags.Float64("seconds", report.DefaultBudget.Seconds(), "pareto, tables: how long to time, about; tables: each run")
	_ = c.MarkFlagDirname("out") // fails only for an unknown flag
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := cmp.Or(checkFigureFlags(&o, *seconds), paper.CheckOptions(args[0], flags.Changed)); err != nil {
			return &usageError{c.CommandPath(), err}
		}
		o.Budget, o.Configs = time.Duration(*seconds*float64(time.Second)), args[1:]
		o.Command = strings.Join(append([]string{"train"}, os.Args[1:]...), " ")
		dir, err := paper.Place(args[0], args[1:], out)
		if err != nil {
			return err
		}
		if o.Runs, err = runDirs(o.Runs); err != nil {
			return err
		}
		return a.withProgress(pipeline.Options{}, func(shown pipeline.Options) error {
			o.Program, o.Report, o.Log, o.Crew = shown.Program, shown.Report, shown.Log, shown.Crew
			return a.experiment(c, args[0], dir, o)
		})
	}
	return c
}

// checkFigureFlags refuses flags that make no sense with any figure.
func checkFigureFlags(o *paper.Options, seconds float64) error {
	switch {
	case !(seconds > 0):
		return fmt.Errorf("--seconds is %g, want above 0", seconds)
	case slices.ContainsFunc(o.Scales, func(x float64) bool { return !(x > 0) || math.IsInf(x, 0) }):
		return fmt.Errorf("--scales is %v, want numbers above 0", o.Scales)
	case slices.ContainsFunc(o.Lambdas, func(x float64) bool { return !(x >= 0) || math.IsInf(x, 0) }):
		return fmt.Errorf("--lambdas is %v, want numbers of 0 or more", o.Lambdas)
	}
	return nil
}

// experiment makes a figure, writes its files and shows its table.
func (a *app) experiment(c *cobra.Command, name, dir string, o paper.Options) error {
	f, err := paper.MakeFigure(c.Context(), name, dir, o)
	if err != nil {
		return err
	}
	paths, unsaved := f.Save()
	if a.json {
		err = a.writeJSON(f)
	} else {
		err = f.WriteText(a.stdout)
	}
	if err := errors.Join(err, unsaved); err != nil || a.json {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "\nfiles: %s\n", strings.Join(paths, ", "))
	return err
}

// figureArguments wants the name of a figure and CONFIG, of a table any number of them.
func figureArguments(_ *cobra.Command, args []string) error {
	if len(args) == 0 || len(args) != 2 && !paper.IsTable(args[0]) {
		return fmt.Errorf("got %d arguments, want NAME (%s) and CONFIG (a YAML file or a recipe's name)", len(args), strings.Join(paper.Figures(), ", "))
	}
	return paper.CheckName(args[0])
}

// completeFigure offers the figures, then recipes.
func completeFigure(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return paper.Figures(), cobra.ShellCompDirectiveNoFileComp
	}
	if paper.IsTable(args[0]) {
		return completeConfig(c, nil, typed)
	}
	return completeConfig(c, args[1:], typed)
}

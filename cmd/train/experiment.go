package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/experiments"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// newExperiment is `train experiment`: a figure or a table of the paper.
func newExperiment(a *app) *cobra.Command {
	var out string
	var o experiments.FigureOptions
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
	flags.Float64SliceVar(&o.Scales, "scales", experiments.DefaultScales, "strategies: factors of the retention configuration")
	flags.IntSliceVar(&o.Seeds, "seeds", nil, "strategies: seeds to retrain with (default that of the run)")
	seconds := flags.Float64("seconds", experiments.DefaultBudget.Seconds(), "pareto, tables: how long to time, about; tables: each run")
	_ = c.MarkFlagDirname("out") // fails only for an unknown flag
	c.RunE = func(c *cobra.Command, args []string) error {
		if !(*seconds > 0) {
			return &usageError{c.CommandPath(), fmt.Errorf("--seconds is %g, want above 0", *seconds)}
		}
		if slices.ContainsFunc(o.Scales, func(x float64) bool { return !(x > 0) || math.IsInf(x, 0) }) {
			return &usageError{c.CommandPath(), fmt.Errorf("--scales is %v, want numbers above 0", o.Scales)}
		}
		if slices.ContainsFunc(o.Lambdas, func(x float64) bool { return !(x >= 0) || math.IsInf(x, 0) }) {
			return &usageError{c.CommandPath(), fmt.Errorf("--lambdas is %v, want numbers of 0 or more", o.Lambdas)}
		}
		for _, flag := range slices.Sorted(maps.Keys(figureFlags)) {
			of := figureFlags[flag]
			if c.Flags().Changed(flag) && !slices.ContainsFunc(of, func(name string) bool { return strings.HasPrefix(args[0], name) }) {
				return &usageError{c.CommandPath(), fmt.Errorf("--%s is for %s, not for %s", flag, strings.Join(of, " and "), args[0])}
			}
		}
		o.Budget, o.Configs = time.Duration(*seconds*float64(time.Second)), args[1:]
		o.Command = strings.Join(append([]string{"train"}, os.Args[1:]...), " ")
		dir, err := figureDir(args[0], args[1:], out)
		if err != nil {
			return err
		}
		if o.Runs, err = runDirs(o.Runs); err != nil {
			return err
		}
		return a.withProgress(func(shown pipeline.Options) error {
			o.Program, o.Report, o.Log = shown.Program, shown.Report, shown.Log
			return a.experiment(c, args[0], dir, o)
		})
	}
	return c
}

// figureFlags are the figures that a flag is for; table is for both.
var figureFlags = map[string][]string{
	"runs": {"pareto", "table"}, "lambdas": {"pareto"}, "scales": {"strategies"}, "seeds": {"strategies"}, "seconds": {"pareto", "table"},
}

// isTable tells whether a figure is a table of many runs.
func isTable(name string) bool { return strings.HasPrefix(name, "table") }

// figureDir is where a figure is kept: the run directory of its one CONFIG, or for a
// table the folder of all.
func figureDir(name string, of []string, out string) (string, error) {
	if isTable(name) {
		return cmp.Or(out, "runs"), nil
	}
	e, err := configs.Load(of[0], nil)
	if err != nil {
		return "", err
	}
	dir := cmp.Or(out, filepath.Join("runs", e.Name))
	if was, err := rundir.ReadExperiment(dir); err == nil && was.Data.Task != e.Data.Task {
		return "", usagef("experiment", "%s is a run of the task %s, but %s is of %s", dir, was.Data.Task, of[0], e.Data.Task)
	}
	return dir, nil
}

// experiment makes a figure, writes its files and shows its table.
func (a *app) experiment(c *cobra.Command, name, dir string, o experiments.FigureOptions) error {
	f, err := experiments.MakeFigure(c.Context(), name, dir, o)
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
	names := strings.Join(experiments.Figures(), ", ")
	switch {
	case len(args) == 0 || len(args) != 2 && !isTable(args[0]):
		return fmt.Errorf("got %d arguments, want NAME (%s) and CONFIG (a YAML file or a recipe's name)", len(args), names)
	case !slices.Contains(experiments.Figures(), args[0]):
		return fmt.Errorf("there is no experiment %q, want one of %s", args[0], names)
	}
	return nil
}

// completeFigure offers the figures, then recipes.
func completeFigure(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return experiments.Figures(), cobra.ShellCompDirectiveNoFileComp
	}
	if isTable(args[0]) {
		return completeConfig(c, nil, typed)
	}
	return completeConfig(c, args[1:], typed)
}

package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/experiments"
)

// newExperiment is `train experiment`: a figure of the paper.
func newExperiment(a *app) *cobra.Command {
	var out string
	var o experiments.FigureOptions
	c := &cobra.Command{
		Use:   "experiment NAME CONFIG",
		Short: "Make a figure of the paper from a run",
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
                      every λ there is (the run, its trials, --runs) and students`,
		Example: `  train experiment cosine sst2
  train experiment mutual-information demo
  train experiment pareto sst2 --runs runs/sst2-3e-4,runs/sst2-1e-3`,
		Args:              figureArguments,
		ValidArgsFunction: completeFigure,
	}
	flags := c.Flags()
	flags.StringVar(&out, "out", "", "run directory (default runs/NAME of CONFIG)")
	flags.StringSliceVar(&o.Runs, "runs", nil, "pareto: more run directories of the same data")
	seconds := flags.Float64("seconds", experiments.DefaultBudget.Seconds(), "pareto: how long to time, about")
	_ = c.MarkFlagDirname("out") // fails only for an unknown flag
	c.RunE = func(c *cobra.Command, args []string) error {
		if !(*seconds > 0) {
			return &usageError{c.CommandPath(), fmt.Errorf("--seconds is %g, want above 0", *seconds)}
		}
		e, err := configs.Load(args[1], nil)
		if err != nil {
			return err
		}
		o.Budget, o.Log = time.Duration(*seconds*float64(time.Second)), newLogger(a.stderr)
		o.Program, o.Command = programVersion().String(), strings.Join(append([]string{"train"}, os.Args[1:]...), " ")
		return a.experiment(c, args[0], cmp.Or(out, filepath.Join("runs", e.Name)), o)
	}
	return c
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

// figureArguments wants the name of a figure and CONFIG.
func figureArguments(_ *cobra.Command, args []string) error {
	names := strings.Join(experiments.Figures(), ", ")
	switch {
	case len(args) != 2:
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
	return completeConfig(c, args[1:], typed)
}

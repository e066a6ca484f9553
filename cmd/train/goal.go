package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/budget"
	"github.com/powerbert/powerbert/sweep"
)

// withGoal adds the flags that let search find lambda.
func (s *stageCommand) withGoal(a *app) {
	var g budget.Goal
	var speedup, drop float64
	var between []float64
	flags := s.Flags()
	flags.Float64Var(&speedup, "speedup", 0, "find lambda: so many times fewer multiply-adds than BERT, neither padded")
	flags.Float64Var(&drop, "max-drop", 0, "find lambda: the fastest that loses at most so many points of the dev metric, retrained")
	flags.IntVar(&g.Trials, "trials", budget.DefaultTrials, "lambdas to try for it at most")
	flags.Float64SliceVar(&between, "lambda-range", []float64{budget.LowestLambda, budget.HighestLambda}, "between which lambda lies")
	s.MarkFlagsMutuallyExclusive("speedup", "max-drop", "lambda")
	s.MarkFlagsMutuallyExclusive("speedup", "max-drop", "max-steps")
	alone := s.RunE
	s.RunE = func(c *cobra.Command, args []string) error {
		switch {
		case flags.Changed("speedup"):
			g.By, g.Value = budget.BySpeedup, speedup
		case flags.Changed("max-drop"):
			g.By, g.Value = budget.ByDrop, drop
		case flags.Changed("trials") || flags.Changed("lambda-range"):
			return usagef("search", "--trials and --lambda-range are for --speedup or --max-drop")
		default:
			return alone(c, args)
		}
		if len(between) != 2 {
			return usagef("search", "--lambda-range has %d numbers, want two, as 1e-4,1e-2", len(between))
		}
		g.Low, g.High = between[0], between[1]
		if err := g.Check(); err != nil {
			return &usageError{c.CommandPath(), err}
		}
		return s.forGoal(a, c, args, g)
	}
}

// forGoal searches for a goal and shows the trials. A goal that was not reached is
// an error.
func (s *stageCommand) forGoal(a *app, c *cobra.Command, args []string, g budget.Goal) error {
	var found *budget.Trials
	err := s.work(a, args, func(e *configs.Experiment, o pipeline.Options) (err error) {
		found, err = pipeline.SearchFor(c.Context(), e, o, g)
		return err
	})
	if err != nil {
		return err
	}
	if a.json {
		err = a.writeJSON(found)
	} else {
		err = a.showTrials(found, s.retraining(args[0], found.Chosen.Lambda))
	}
	if err == nil && !found.Reached {
		err = errors.New(found.Verdict)
	}
	return err
}

// retraining is the command line of stage 3 with a λ, for the same run.
func (s *stageCommand) retraining(config string, lambda float64) string {
	words := []string{"train", "retrain", config, "--lambda", fmt.Sprint(lambda)}
	if s.options.Dir != "" {
		words = append(words, "--out", s.options.Dir)
	}
	for _, set := range s.set {
		if !strings.HasPrefix(set, "search.lambda=") { // where the search began
			words = append(words, "--set", set)
		}
	}
	return sweep.Quote(words)
}

// showTrials shows what was tried and what was chosen, and how to go on.
func (a *app) showTrials(found *budget.Trials, retraining string) error {
	err := a.table(0, func(w io.Writer) {
		fmt.Fprintf(w, "lambda\tfewer\tpadded\tdev %s\tpoints lost\tafter\ttime\tkept\t\n", found.Metric)
		for _, t := range found.Trials {
			mark := ""
			if t == found.Chosen && found.Reached {
				mark = "chosen"
			}
			fmt.Fprintf(w, "%g\t%.2f×\t%.2f×\t%.4f\t%.2f\t%s\t%v\t%s\t%s\n", t.Lambda, t.Speedup, t.Padded, t.Dev, t.Drop,
				t.Stage, seconds(t.Seconds), strings.Trim(fmt.Sprint(t.Retention), "[]"), mark)
		}
	})
	if err != nil || !found.Reached {
		return err
	}
	fmt.Fprintf(a.stdout, "\n%s\n\n", found.Verdict)
	if err := a.showResults(found.Results); err != nil {
		return err
	}
	if found.Goal.By == budget.BySpeedup {
		_, err = fmt.Fprintf(a.stdout, "\ngo on with: %s\n", retraining)
	}
	return err
}

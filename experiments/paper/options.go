package paper

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/train"
)

// Options say how a figure is made.
type Options struct {
	Command, Program string            // for the record
	Configs          []string          // tables: experiments, by recipe or YAML file; none, and no Runs: all recipes of the table
	Runs             []string          // pareto, tables: further run directories
	Lambdas          []float64         // pareto: to search and retrain with first
	Budget           time.Duration     // pareto, tables: for timing a run, about; 0: report.DefaultBudget
	Scales           []float64         // strategies: of the retention configuration; none: DefaultScales
	Seeds            []int             // strategies: of the retraining; none: that of the run
	Report           pipeline.Reporter // of training: shown progress; nil shows none
	Log              *slog.Logger      // of what is being done; nil: silent
	Crew             *train.Crew       // other ranks that share the steps of training; nil: alone
}

// training returns how a figure trains in a run directory.
func (o *Options) training(dir string) pipeline.Options {
	return pipeline.Options{Dir: dir, Program: o.Program, Report: o.Report, Log: o.Log, Crew: o.Crew}
}

// stopped returns the error of a figure that is interrupted between two trainings.
func stopped(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("%w; %s", pipeline.ErrInterrupted, pipeline.SameCommand)
}

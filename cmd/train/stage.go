package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/machine"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A stageCommand is a command that trains: CONFIG, --set, and how to treat the
// run directory.
type stageCommand struct {
	*experimentCommand
	options     pipeline.Options
	tensorboard bool
}

// forStage makes a command that trains, with its flags.
func forStage(c *cobra.Command) *stageCommand {
	s := &stageCommand{experimentCommand: forExperiment(c)}
	flags := c.Flags()
	flags.StringVar(&s.options.Dir, "out", "", "run directory (default runs/NAME)")
	flags.BoolVar(&s.options.Resume, "resume", false, "go on with a stage that was interrupted")
	flags.BoolVar(&s.options.Overwrite, "overwrite", false, "discard what this stage and those after it left")
	flags.IntVar(&s.options.MaxSteps, "max-steps", 0, "dry run: stop each stage after so many steps, in a directory of its own")
	flags.BoolVar(&s.tensorboard, "tensorboard", false, "write event files of TensorBoard, too: the same as --set tensorboard=true")
	c.MarkFlagsMutuallyExclusive("resume", "overwrite")
	_ = c.MarkFlagDirname("out") // fails only for an unknown flag
	return s
}

// A stageFunc runs one stage.
type stageFunc func(context.Context, *configs.Experiment, pipeline.Options) (*rundir.Result, error)

// alone carries out one stage as the command, and shows what it came to.
func (s *stageCommand) alone(a *app, stage stageFunc) {
	s.RunE = func(c *cobra.Command, args []string) error {
		var result *rundir.Result
		err := s.work(a, args, func(e *configs.Experiment, o pipeline.Options) (err error) {
			result, err = stage(c.Context(), e, o)
			return err
		})
		if err != nil {
			return err
		}
		return a.showResults([]*rundir.Result{result})
	}
}

// work loads the experiment and lets do train, with its progress on stderr.
func (s *stageCommand) work(a *app, args []string, do func(*configs.Experiment, pipeline.Options) error) error {
	if s.options.MaxSteps < 0 || s.options.MaxSteps == 0 && s.Flags().Changed("max-steps") {
		return &usageError{s.CommandPath(), fmt.Errorf("--max-steps is %d, want 1 or more", s.options.MaxSteps)}
	}
	if s.tensorboard {
		s.set = append(s.set, "tensorboard=true")
	}
	e, err := s.load(args)
	if err != nil {
		return err
	}
	return a.withProgress(s.options, func(o pipeline.Options) error { return do(e, o) })
}

// withProgress lets do train by the options, with its progress and its logs on stderr.
func (a *app) withProgress(o pipeline.Options, do func(pipeline.Options) error) error {
	defer a.progress.Close() // before results are shown
	_, available := machine.Memory()
	if a.job != nil {
		available /= uint64(a.job.Here()) // each needs as much
	}
	o.Program, o.Report, o.Log, o.Memory, o.Crew = programVersion().String(), a.progress, slog.Default(), available, a.crew
	return do(o)
}

// newLogger logs to w without the time, which whoever watches knows.
func newLogger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey && len(groups) == 0 {
				return slog.Attr{}
			}
			return a
		},
	}))
}

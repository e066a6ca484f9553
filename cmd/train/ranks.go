package main

import (
	"fmt"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/internal/ranks"
	"github.com/powerbert/powerbert/pipeline/train"
)

// trainers are the commands that train, which a launcher of MPI may start as several ranks.
var trainers = []string{"run", "pretrain", "finetune", "search", "retrain", "distil", "sweep", "cv", "experiment"}

// shared has a command carried out by rank 0 of a job, whose other ranks compute their
// parts of its steps. Alone it is carried out as it is.
func (a *app) shared(c *cobra.Command) {
	patience := c.Flags().Duration("rank-timeout", ranks.DefaultPatience, "with MPI: end the job when a rank has not been heard of for so long")
	runE := c.RunE
	c.RunE = func(c *cobra.Command, args []string) (err error) {
		if a.job, err = ranks.Join(*patience); err != nil {
			return &usageError{c.CommandPath(), err}
		}
		switch {
		case a.job == nil:
			return runE(c, args)
		case a.job.Rank() == 0:
			a.crew = train.NewCrew(a.job)
			return runE(c, args)
		}
		signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP) // rank 0 decides
		if err := train.Follow(a.job); err != nil {
			return fmt.Errorf("%s: %w", a.job.Name(), err)
		}
		return nil
	}
}

// leave ends this process's part in the job of MPI that it has joined, if it has, which
// ends the job where the others cannot be told, or this process has failed them.
func (a *app) leave(code int) {
	if a.job == nil {
		return
	}
	if a.crew != nil {
		a.job.Leave(!a.crew.Dismiss(), code)
	} else {
		a.job.Leave(code != exitDone, code)
	}
}

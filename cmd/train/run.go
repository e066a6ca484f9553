package main

import (
	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/pipeline"
)

// newRun is `train run`: all three stages.
func newRun(a *app) *cobra.Command {
	s := forStage(&cobra.Command{
		Use:   "run",
		Short: "All three stages, going on where an earlier run stopped",
		Long: `Run carries out the three stages. It skips those that are complete and goes on
with one that was interrupted, so the same command starts and resumes a run. With
retrain.retention there is nothing to search, and it leaves stage 2 out.`,
		Example: `  train run demo
  train run sst2 --max-steps 3   # a dry run of every stage in seconds
  train run demo --out runs/again --set seed=2`,
	})
	s.withLambda()
	s.Flags().Lookup("resume").Usage = "as it does anyway"
	s.RunE = func(c *cobra.Command, args []string) error {
		return s.train(a, c.Context(), args, pipeline.Run)
	}
	return s.Command
}

package main

import (
	"github.com/spf13/cobra"
)

// newRun is `train run`: all three stages.
func newRun(a *app) *cobra.Command {
	s := forStage(&cobra.Command{
		Use:   "run",
		Short: "All three stages, going on where an earlier run stopped",
		Long: `Run carries out the three stages. It skips those that are complete and goes on
with one that was interrupted, so the same command starts and resumes a run. What
CONFIG asks for, or one of the flags, decides what stages 2 and 3 do: see search and
retrain. With retrain.retention there is nothing to search, and it leaves stage 2
out.`,
		Example: `  train run demo
  train run mine.yaml --max-drop 0.5
  train run sst2 --max-steps 3   # a dry run of every stage in seconds
  train run demo --out runs/again --set seed=2`,
	})
	s.withGoal()
	s.Flags().Lookup("resume").Usage = "as it does anyway"
	s.runs(a)
	return s.Command
}

package main

import (
	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/pipeline"
)

// newSearch is `train search`: stage 2.
func newSearch(a *app) *cobra.Command {
	s := forStage(&cobra.Command{
		Use:   "search",
		Short: "Stage 2: search how many word-vectors each encoder keeps",
		Long: `Search starts from stage 1 and trains the retention weights r beside the model;
their masses become the retention configuration, in OUT/search/retention.json.
The larger search.lambda, the fewer word-vectors are kept.

With --speedup or --max-drop search finds lambda itself. It tries one after
another, from search.lambda on, in OUT/trials, and takes the chosen trial over as
OUT/search (with --max-drop, which retrains each trial, as OUT/retrain, too). What
was tried is on stdout and in OUT/trials/trials.json. Interrupted, the same command
goes on; a trial that is complete is not run again. Where no trial reaches the
goal, the nearest is named, and the exit code is 1.`,
		Example: `  train search demo
  train search demo --lambda 3e-3 --overwrite
  train finetune demo --out runs/six               # stage 1, which the next two share
  train search demo --out runs/six --speedup 6     # multiply-adds, neither padded
  train search demo --out runs/six --max-drop 1    # points of the dev metric`,
	})
	s.withLambda()
	s.alone(a, pipeline.Search)
	s.withGoal(a)
	return s.Command
}

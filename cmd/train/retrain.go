package main

import (
	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/pipeline"
)

// newRetrain is `train retrain`: stage 3.
func newRetrain(a *app) *cobra.Command {
	s := forStage(&cobra.Command{
		Use:   "retrain",
		Short: "Stage 3: retrain with the other word-vectors removed",
		Long: `Retrain starts from stage 2's model, removes word-vectors as its retention
configuration says, and keeps the epoch that is best on the dev set. OUT/retrain
is the smaller-cost model. After a search with --lambda, give the same here.`,
		Example: `  train retrain demo
  train retrain demo --lambda 3e-3`,
	})
	s.withLambda()
	s.alone(a, pipeline.Retrain)
	return s.Command
}

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
is the smaller-cost model. After a search with --lambda, give the same here.

With retrain.retention the configuration is given: where there is no search,
retraining starts from stage 1's model. retrain.strategy says which word-vectors
are kept.`,
		Example: `  train retrain demo
  train retrain demo --lambda 3e-3
  train retrain demo --set 'retrain.retention=[40, 20, 10, 1]' --set retrain.strategy=head`,
	})
	s.withLambda()
	s.alone(a, pipeline.Retrain)
	return s.Command
}

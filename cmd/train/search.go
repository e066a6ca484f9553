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
The larger search.lambda, the fewer word-vectors are kept.`,
		Example: `  train search demo
  train search demo --lambda 3e-3 --overwrite`,
	})
	s.withLambda()
	s.alone(a, pipeline.Search)
	return s.Command
}

package pipeline

import (
	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/budget"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/retention"
)

// softElimination is how the search treats word-vectors.
func softElimination(e *configs.Experiment) retention.Elimination {
	s := e.Search
	return retention.Elimination{Soft: true, Length: e.Data.MaxLength,
		Relative: s.Ranks == retention.RanksRelative, Score: s.Score, PadQueriesVote: s.PadQueriesVote,
		SubtractDiagonal: s.SubtractDiagonal, ProtectCLS: s.ProtectCLS, DeadLast: s.DeadLast, Lambda: s.Lambda}
}

// counts is a retention configuration by the experiment's ranks and scores.
func counts(e *configs.Experiment, keep []int) *retention.Configuration {
	to := &retention.Configuration{MaxLength: e.Data.MaxLength, Ranks: e.Search.Ranks, Keep: keep}
	selectBy(to, e)
	return to
}

// selectBy says which word-vectors a retention configuration keeps: by scores, which may
// be others than the search ranked by, or by a static strategy, which needs none.
func selectBy(to *retention.Configuration, e *configs.Experiment) {
	switch e.Retrain.Strategy {
	case retention.StrategyAttention:
		to.Score = e.Retrain.Score
		to.PadQueriesVote, to.SubtractDiagonal = e.Search.PadQueriesVote, e.Search.SubtractDiagonal
	case retention.StrategyRandom:
		to.Strategy = retention.StrategyRandom
		to.Positions = retention.DrawPositions(to.MaxLength, plan.SeedOfDraw(e))
	case retention.StrategyHead:
		to.Strategy = retention.StrategyHead
	}
}

// shapeOf is the shape of a model's configuration.
func shapeOf(c arch.Config) budget.Shape {
	return budget.Shape{Encoders: c.NumHiddenLayers, Neurons: c.IntermediateSize}
}

// shaped is a configuration of a shape, whose encoders keep these counts; nil: all.
func shaped(e *configs.Experiment, c arch.Config, s budget.Shape, keep []int) arch.Config {
	to := c.Clone()
	to.NumHiddenLayers, to.IntermediateSize, to.PowerRetention = s.Encoders, s.Neurons, nil
	if len(keep) > 0 {
		to.PowerRetention = counts(e, keep)
	}
	return to
}

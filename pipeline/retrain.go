package pipeline

import (
	"context"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
)

// Retrain runs stage 3: hard extract layers with the retention configuration of
// the search take the place of the soft ones, Θ goes on from the search's and
// learns to do without the word-vectors that are gone. It keeps the best dev
// epoch. The model's config.json carries its retention configuration.
func Retrain(ctx context.Context, e *configs.Experiment, o Options) (*Result, error) {
	return runStage(ctx, e, o, configs.StageRetrain, planRetrain)
}

func planRetrain(r *run, t *task) (stage, error) {
	config, params, err := r.from(configs.StageSearch, t.labels)
	if err != nil {
		return stage{}, err
	}
	path := r.stage(configs.StageSearch).file("retention.json")
	learned, err := ReadRetention(path)
	if err != nil {
		return stage{}, err
	}
	e := r.exp.Search
	config.PowerRetention = &model.Retention{MaxLength: learned.MaxLength, Ranks: learned.Ranks, Keep: learned.Retention,
		PadQueriesVote: e.PadQueriesVote, SubtractDiagonal: e.SubtractDiagonal}
	if err := config.Validate(); err != nil {
		return stage{}, &model.Error{Path: path, Err: err}
	}
	use := model.Use{Elimination: config.Elimination(), Train: true}
	return stage{conf: r.exp.Retrain, use: use, best: true, config: config, params: params}, nil
}

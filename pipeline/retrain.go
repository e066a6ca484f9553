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
	config.PowerRetention = learned.structure(r.exp)
	if err := config.Validate(); err != nil {
		return stage{}, &model.Error{Path: path, Err: err}
	}
	return retrainStage(r.exp, config, params), nil
}

// structure is what a search found, as a model's config.json holds it.
func (r *Retention) structure(e *configs.Experiment) *model.Retention {
	return &model.Retention{MaxLength: r.MaxLength, Ranks: r.Ranks, Keep: r.Retention,
		PadQueriesVote: e.Search.PadQueriesVote, SubtractDiagonal: e.Search.SubtractDiagonal}
}

func retrainStage(e *configs.Experiment, c model.Config, p *model.Params[float32]) stage {
	use := model.Use{Elimination: c.Elimination(), Train: true}
	return stage{name: configs.StageRetrain, conf: e.Retrain, use: use, best: true, config: c, params: p}
}

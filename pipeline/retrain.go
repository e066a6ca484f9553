package pipeline

import (
	"context"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/retention"
)

// Retrain runs stage 3: hard extract layers with the retention configuration of
// the search take the place of the soft ones, Θ goes on from the search's and
// learns to do without the word-vectors that are gone. It keeps the best dev
// epoch. The model's config.json carries its retention configuration.
//
// With retrain.distil it learns from stage 1's model, too.
//
// A configuration that the experiment gives (retrain.retention) takes the place of
// the search's. It needs no search: where there is none, Θ goes on from stage 1's.
func Retrain(ctx context.Context, e *configs.Experiment, o Options) (*rundir.Result, error) {
	return runStage(ctx, e, o, configs.StageRetrain, thirdStage)
}

func thirdStage(r *run, t *task) (stage, error) {
	w := &source{r, t}
	config, params, err := w.from(r.place().Before(r.exp, configs.StageRetrain))
	if err != nil {
		return stage{}, err
	}
	if config.PowerRetention, err = r.configuration(); err != nil {
		return stage{}, err
	}
	if err := config.Validate(); err != nil {
		return stage{}, r.unfit(err)
	}
	s := r.retrainStage(config, params)
	return s, w.teach(&s)
}

// configuration is the retention configuration that stage 3 trains for.
func (r *run) configuration() (*retention.Configuration, error) {
	to := &retention.Configuration{MaxLength: r.exp.Data.MaxLength, Ranks: r.exp.Search.Ranks, Keep: r.exp.Retrain.Retention}
	if len(to.Keep) == 0 {
		found, err := r.place().Stage(configs.StageSearch).ReadRetention()
		if err != nil {
			return nil, err
		}
		to.MaxLength, to.Ranks, to.Keep = found.MaxLength, found.Ranks, found.Retention
	}
	selectBy(to, r.exp)
	return to, nil
}

// unfit is the error of a retention configuration that does not fit the model.
func (r *run) unfit(err error) error {
	if r.given() {
		return configError(r.exp, givenRetention, givenRetention+" does not fit the model: "+err.Error())
	}
	return &model.Error{Path: r.place().Stage(configs.StageSearch).Retention(), Err: err}
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

// retrainStage is stage 3 of a model that knows its retention configuration, but for
// its teacher.
func (r *run) retrainStage(c arch.Config, p *model.Params[float32]) stage {
	s := stage{name: configs.StageRetrain, retention: searchedRetention}
	if r.given() {
		s.retention = givenRetention
	}
	use := model.Use{Elimination: c.Elimination(), Train: true, Distil: distilled(r.exp.Retrain.Distil)}
	s.learner = train.Learner{Config: c, Params: p, Use: use}
	return s
}

// given tells whether the experiment brings its retention configuration.
func (r *run) given() bool { return len(r.exp.Retrain.Retention) > 0 }

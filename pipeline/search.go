package pipeline

import (
	"context"
	"fmt"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// Search runs stage 2, the configuration search: soft extract layers scale every
// word-vector by the retention weight of its rank, Θ and r train together on
//
//	ℒ(Θ, r) + λ·Σ_j j·mass(j; r)        (Goyal et al. 2020, equation 1)
//
// and the masses become the retention configuration, retention.json.
func Search(ctx context.Context, e *configs.Experiment, o Options) (*Result, error) {
	result, err := runStage(ctx, e, o, configs.StageSearch, planSearch)
	if err != nil {
		return nil, err
	}
	result.Retention, err = ReadRetention(stageDir(result.Dir).file("retention.json"))
	return result, err
}

func planSearch(r *run, t *task) (stage, error) {
	config, params, err := r.from(configs.StageFinetune, t)
	if err != nil {
		return stage{}, err
	}
	s := searchStage(r.exp, config, params)
	r.warnOfBudget(s, t)
	return s, nil
}

func searchStage(e *configs.Experiment, c arch.Config, p *model.Params[float32]) stage {
	use := model.Use{Train: true, Elimination: softElimination(e)}
	return stage{name: configs.StageSearch, conf: e.Search.Stage, use: use, lrR: e.Search.LRr, config: c, params: p,
		soft: model.NewSoftExtract[float32](c.NumHiddenLayers, e.Data.MaxLength)}
}

// softElimination is how the search treats word-vectors.
func softElimination(e *configs.Experiment) retention.Elimination {
	s := e.Search
	return retention.Elimination{Soft: true, Length: e.Data.MaxLength,
		Relative: s.Ranks == retention.RanksRelative, PadQueriesVote: s.PadQueriesVote,
		SubtractDiagonal: s.SubtractDiagonal, ProtectCLS: s.ProtectCLS, Lambda: s.Lambda}
}

// warnOfBudget says so when r cannot get to 0 within the search.
func (r *run) warnOfBudget(s stage, t *task) {
	plan := trainer{stepper: stepper{stage: s}, run: r, task: t}
	budget := plan.travel()
	if budget < 1 && r.MaxSteps == 0 {
		r.Log.Warn(fmt.Sprintf("travel budget of r is %.2f: on ranks that only the regulariser pulls, r cannot fall below about %.2f whatever search.lambda is; "+
			"raise search.epochs or search.lr_r (%.1e would just do)", budget, 1-budget, s.lrR/budget), "steps", plan.total())
	}
}

// travel is the travel budget of r.
func (t *trainer) travel() float64 { return TravelBudget(t.lrR, t.schedule()) }

// warnOfUnreached says so when masses rest on ranks that no input reaches.
func (r *run) warnOfUnreached(ret *Retention) {
	if share, encoder := ret.unreached(); share > 0.05 {
		r.Log.Warn(fmt.Sprintf("%.0f %% of encoder %d's mass lies on ranks that no training input reaches and says nothing; "+
			"lower data.max_length to the longest input, or set search.ranks to relative", 100*share, encoder))
	}
}

// saveRetention turns the masses into retention.json.
func (t *trainer) saveRetention() error {
	e := t.run.exp
	counts := reached(t.task.train, e.Search.Ranks, e.Data.MaxLength)
	r := Retention{MaxLength: e.Data.MaxLength, Ranks: e.Search.Ranks, Lambda: e.Search.Lambda, Mass: retention.Mass(t.soft.R, t.soft.Length)}
	r.Retention = retention.Configure(r.Mass, e.Search.Rounding == retention.RoundingFloor)
	for j := range t.config.NumHiddenLayers {
		r.R = append(r.R, t.soft.Encoder(j))
		r.Reached = append(r.Reached, counts)
	}
	t.run.warnOfUnreached(&r)
	return writeJSON(t.dir.file("retention.json"), r)
}

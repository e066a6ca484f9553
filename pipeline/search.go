package pipeline

import (
	"context"
	"fmt"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/retention"
)

// Search runs stage 2, the configuration search: soft extract layers scale every
// word-vector by the retention weight of its rank, Θ and r train together on
//
//	ℒ(Θ, r) + λ·Σ_j j·mass(j; r)        (Goyal et al. 2020, equation 1)
//
// and the masses become the retention configuration, retention.json. With search.distil
// Θ and r learn from stage 1's model, too.
func Search(ctx context.Context, e *configs.Experiment, o Options) (*rundir.Result, error) {
	return runStage(ctx, e, o, configs.StageSearch, secondStage)
}

func secondStage(r *run, t *task) (stage, error) {
	w := &source{r, t}
	config, params, err := w.from(configs.StageFinetune)
	if err != nil {
		return stage{}, err
	}
	r.warnOfTravel(t)
	s := searchStage(r.exp, config, params)
	return s, w.teach(&s)
}

// searchStage is stage 2 of a model, but for its teacher.
func searchStage(e *configs.Experiment, c arch.Config, p *model.Params[float32]) stage {
	use := training(e)
	use.Elimination, use.Distil = softElimination(e), distilled(e.Search.Distil)
	return stage{name: configs.StageSearch, learner: train.Learner{Config: c, Params: p, Use: use,
		Soft: model.NewSoftExtract[float32](c.NumHiddenLayers, e.Data.MaxLength)}}
}

// Travel is how far r can move in the search of an experiment, of the way from 1 to 0
// (plan.Plan.Travel), and in how many optimiser steps. It reads the data.
func Travel(e *configs.Experiment) (travel float64, steps int, err error) {
	if err := HasTask(e); err != nil {
		return 0, 0, err
	}
	sets, err := data.Load(e.Source())
	if err != nil {
		return 0, 0, err
	}
	p := plan.Of(e, configs.StageSearch, len(sets.Train.Examples), len(sets.Chooses().Examples))
	return p.Travel(), p.Total(), nil
}

// warnOfTravel says how far r can travel, and warns when it cannot get to 0 within the
// search.
func (r *run) warnOfTravel(t *task) {
	p := r.plan(configs.StageSearch, t)
	switch travel := p.Travel(); {
	case travel >= 1:
		r.Log.Info("how far r can travel from 1 to 0", "travel", fmt.Sprintf("%.2f", travel), "steps", p.Total())
	default:
		r.Log.Warn(fmt.Sprintf("travel budget of r is %.2f: on ranks that only the regulariser pulls, r cannot fall below about %.2f whatever search.lambda is; "+
			"set search.lr_r to auto, or raise it (%.1e would just do) or search.epochs", travel, 1-travel, p.LRr/travel), "steps", p.Total())
	}
}

// warnOfUnreached says so when masses rest on ranks that no input reaches.
func (r *run) warnOfUnreached(found *rundir.Retention) {
	if share, encoder := found.Unreached(); share > 0.05 {
		r.Log.Warn(fmt.Sprintf("%.0f %% of encoder %d's mass lies on ranks that no training input reaches and says nothing; "+
			"lower data.max_length to the longest input, or set search.ranks to relative", 100*share, encoder))
	}
}

// saveRetention turns the masses into a retention configuration, writes and returns it.
func (r *run) saveRetention(work *train.Work, t *task, w *rundir.Writer) (*rundir.Retention, error) {
	e, soft := r.exp, work.Soft
	counts := reached(t.Train, e.Search.Ranks, e.Data.MaxLength)
	found := &rundir.Retention{MaxLength: e.Data.MaxLength, Ranks: e.Search.Ranks, Lambda: e.Search.Lambda, Mass: retention.Mass(soft.R, soft.Length)}
	found.Retention = retention.Configure(found.Mass, e.Search.Rounding == retention.RoundingFloor)
	for j := range work.Config.NumHiddenLayers {
		found.R = append(found.R, soft.Encoder(j))
		found.Reached = append(found.Reached, counts)
	}
	r.warnOfUnreached(found)
	return found, w.WriteRetention(found)
}

// reached counts, for every rank, the inputs that have a word-vector of that rank; with
// relative ranks every input reaches every rank. The counts are the same for all
// encoders, since the search removes nothing.
func reached(examples []data.Encoded, ranks string, length int) []int {
	counts := make([]int, length)
	for _, n := range data.Lengths(examples) {
		if ranks == retention.RanksRelative {
			n = length
		}
		for k := range min(n, length) {
			counts[k]++
		}
	}
	return counts
}

package train

import (
	"context"
	"math"
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/problem"
)

// measure scores what the choice of an epoch goes by, and without rows held out for it the
// second dev set, too. The thresholds of labels that are each by itself are tuned on the
// same rows, and become the model's. In masked-language modelling the value is the perplexity.
func (w *Work) measure(ctx context.Context) (s Score, err error) {
	set, also := seen(w.plan, w.Examples.Chooses()), seen(w.plan, w.Examples.Also)
	if w.Masking != nil {
		s.Loss, err = predict.MaskedLoss(ctx, w.evals, set, w.Masking)
		s.Value = math.Exp(s.Loss)
		return s, err
	}
	if w.Examples.HeldOut != nil {
		also = nil
	}
	first := true // the largest budget, whose thresholds are those of all
	return overBudgets(w.evals, func() (Score, error) {
		return w.Examples.score(ctx, w.evals, set, also, func(out *problem.Outputs) {
			if first {
				out.Tune()
				w.Config.Thresholds, first = out.Thresholds, false
			}
			out.Thresholds = w.Config.Thresholds
		})
	})
}

// Reported scores networks on the dev sets, at each budget of their model.
func (x *Examples) Reported(ctx context.Context, nets predict.Replicas) (Score, error) {
	return overBudgets(nets, func() (Score, error) { return x.score(ctx, nets, x.Dev, x.Also, func(*problem.Outputs) {}) })
}

// overBudgets scores networks at each budget of their model, and means the scores; of a model
// of one budget, as they are.
func overBudgets(nets predict.Replicas, score func() (Score, error)) (mean Score, err error) {
	family := nets[0].Config().Budgets
	if len(family) < 2 {
		return score()
	}
	var s Score
	for i, b := range family {
		if i == 0 || !slices.Equal(b.Keep, family[i-1].Keep) { // a student may meet two with one list
			for _, n := range nets {
				if err := n.Retain(b.Keep); err != nil {
					return mean, err
				}
			}
			if s, err = score(); err != nil {
				return mean, err
			}
		}
		if i == 0 {
			mean.Also = s.Also
		}
		mean.Budgets = append(mean.Budgets, s)
		mean.Value += s.Value / float64(len(family))
		mean.Loss += s.Loss / float64(len(family))
	}
	return mean, nil
}

// score scores networks on a set, once the outputs are settled, and if it is not empty on
// another.
func (x *Examples) score(ctx context.Context, nets predict.Replicas, set, also []data.Encoded, settle func(*problem.Outputs)) (s Score, err error) {
	run := predict.Run{Nets: nets, PadTo: x.PadTo}
	out, err := run.Outputs(ctx, set)
	if err != nil {
		return s, err
	}
	settle(&out)
	s.Loss = out.Loss()
	if s.Value, s.Also, err = out.Score(x.Metric); err != nil || len(also) == 0 {
		return s, err
	}
	if out, err = run.Outputs(ctx, also); err != nil {
		return s, err
	}
	value, _, err := out.Score(x.Metric)
	s.Also = s.Also.With(x.Metric+" on "+x.AlsoName, value)
	return s, err
}

func (w *Work) evaluationLine(s Score) rundir.EvaluationLine {
	return rundir.EvaluationLine{Stage: w.plan.Stage, Step: w.State.Step, Epoch: w.plan.Epoch(w.State.Step), Eval: true,
		Metric: w.Examples.Metric, Dev: s.Value, Also: s.Also, DevLoss: s.Loss, Budgets: s.values(), Tokens: w.State.Tokens}
}

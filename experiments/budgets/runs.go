package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/powerbert/powerbert/experiments/trained"
	"github.com/powerbert/powerbert/pipeline"
)

// A pair is the run of one model for several budgets, and of each budget's own.
type pair struct {
	shared *trained.Run
	own    []*trained.Run // in the order of the shared one's budgets
}

// pairs reads runs, and puts together those of one task and seed.
func pairs(dirs []string) (list []*pair, err error) {
	var own []*trained.Run
	for _, dir := range dirs {
		t, err := open(dir)
		switch {
		case err != nil:
			return nil, err
		case len(t.Exp.Retrain.Budgets) > 1:
			list = append(list, &pair{shared: t})
		default:
			own = append(own, t)
		}
	}
	for _, p := range list {
		for _, b := range p.shared.Result.Budgets {
			i := slices.IndexFunc(own, func(t *trained.Run) bool { return p.shared.Fits(t) && t.Exp.Retrain.Budgets[0] == b.Share })
			if i < 0 {
				return nil, fmt.Errorf("%s: no run has its budget %v alone, with the same stage 1", p.shared.Dir, b.Share)
			}
			p.own = append(p.own, own[i])
			own = slices.Delete(own, i, i+1)
		}
	}
	if len(own) > 0 {
		return nil, fmt.Errorf("%s: no run has its budget among several, with the same stage 1", own[0].Dir)
	}
	return list, nil
}

// open reads a run with budgets.
func open(dir string) (*trained.Run, error) {
	t, err := trained.Open(dir)
	if t != nil && len(t.Exp.Retrain.Budgets) == 0 {
		return nil, fmt.Errorf("%s: has no retrain.budgets; want a list of several, or of one", dir)
	}
	return t, err
}

// work is the multiply-adds of stages 1 and 3 of a run.
func work(ctx context.Context, t *trained.Run) (float64, error) {
	e, err := pipeline.NewEstimate(ctx, t.Exp, pipeline.Options{Dir: t.Dir}, tryNothing)
	if err != nil {
		return 0, err
	}
	last := e.Stages[len(e.Stages)-1]
	if last.AtMost {
		return 0, fmt.Errorf("%s: its lists cannot be read, so what its training took is not known", t.Dir)
	}
	return e.Stages[0].Work.Stage + last.Work.Stage, nil
}

// tryNothing is so little memory that an estimate counts and does not try a step.
const tryNothing = 1

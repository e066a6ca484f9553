package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A trained is a run that is complete.
type trained struct {
	dir           string
	exp           *configs.Experiment
	first, result *rundir.Result // of stages 1 and 3
}

// A pair is the run of one model for several budgets, and of each budget's own.
type pair struct {
	shared *trained
	own    []*trained // in the order of the shared one's budgets
}

// pairs reads runs, and puts together those of one task and seed.
func pairs(dirs []string) (list []*pair, err error) {
	var own []*trained
	for _, dir := range dirs {
		t, err := open(dir)
		switch {
		case err != nil:
			return nil, err
		case len(t.exp.Retrain.Budgets) > 1:
			list = append(list, &pair{shared: t})
		default:
			own = append(own, t)
		}
	}
	for _, p := range list {
		for _, b := range p.shared.result.Budgets {
			i := slices.IndexFunc(own, func(t *trained) bool { return p.shared.fits(t) && t.exp.Retrain.Budgets[0] == b.Share })
			if i < 0 {
				return nil, fmt.Errorf("%s: no run has its budget %v alone, with the same stage 1", p.shared.dir, b.Share)
			}
			p.own = append(p.own, own[i])
			own = slices.Delete(own, i, i+1)
		}
	}
	if len(own) > 0 {
		return nil, fmt.Errorf("%s: no run has its budget among several, with the same stage 1", own[0].dir)
	}
	return list, nil
}

// open reads a run.
func open(dir string) (*trained, error) {
	t := trained{dir: dir}
	var err error
	if t.exp, err = rundir.ReadExperiment(dir); err != nil {
		return nil, err
	}
	if len(t.exp.Retrain.Budgets) == 0 {
		return nil, fmt.Errorf("%s: has no retrain.budgets; want a list of several, or of one", dir)
	}
	var also error
	t.first, err = rundir.FirstStage(dir).Result()
	t.result, also = rundir.ReadResult(dir, configs.StageRetrain)
	return &t, cmp.Or(err, also)
}

// model opens the model of stage 3.
func (t *trained) model() (*infer.Model, error) {
	return infer.Open(string(rundir.Stage(t.dir, configs.StageRetrain)), t.exp.Data.MaxLength)
}

// fits tells whether another run began with the same stage 1.
func (t *trained) fits(other *trained) bool {
	return t.exp.Name == other.exp.Name && t.exp.Seed == other.exp.Seed && t.first.DevSet == other.first.DevSet && t.first.Loss == other.first.Loss
}

// seconds is what stages 1 and 3 took.
func (t *trained) seconds() float64 { return t.first.Seconds + t.result.Seconds }

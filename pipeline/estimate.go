package pipeline

import (
	"context"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/estimate"
	"github.com/powerbert/powerbert/pipeline/train"
)

// NewEstimate foretells the stages of a run, or the pretraining of an experiment that
// has texts and no task, without leaving anything behind but what it may have to fetch
// from the hub. It reads data and model as the first stage does; estimate.Of says what
// it then does, with the available bytes of memory. A retention configuration that the
// experiment gives, or the run directory already holds, is used. Students are foretold
// besides.
//
// Errors are those of Finetune or Pretrain before they train.
func NewEstimate(ctx context.Context, e *configs.Experiment, o Options, available uint64, students ...Student) (*estimate.Estimate, error) {
	r := &run{Options: o.prepare(e), exp: e}
	load, foresee := loadTask, foreseeRun
	if e.Data.Task == "" && len(e.Pretrain.Texts) > 0 {
		load, foresee = loadCorpus, foreseePretraining
	}
	t, err := load(ctx, e, r.Options)
	if err != nil {
		return nil, err
	}
	if err := r.find(ctx); err != nil {
		return nil, err
	}
	t.look = nil // nor does a stage hold the texts while it trains
	base := estimate.InUse()
	stages, err := foresee(r, t, students)
	if err != nil {
		return nil, err
	}
	var tasks []estimate.Task
	for _, s := range stages {
		tasks = append(tasks, estimate.Task{Plan: r.plan(s.name, t).Short(0), Learner: s.learner, Also: t.foreseen(s.name)})
	}
	return estimate.Of(ctx, setting(r, t), tasks, base, available)
}

// foreseePretraining is what pretraining will ask of the loop.
func foreseePretraining(r *run, t *task, _ []Student) ([]stage, error) {
	s, err := pretrainStage(r, t)
	return []stage{s}, err
}

// foreseeRun is what the stages of a run, and students, will ask of it, over the same
// parameters.
func foreseeRun(r *run, t *task, students []Student) ([]stage, error) {
	c, p, err := (&source{r, t}).firstWeights()
	if err != nil {
		return nil, err
	}
	list := stagesFrom(r, t, c, p)
	for _, s := range students {
		if err := s.follows(c.NumHiddenLayers); err != nil {
			return nil, configError(r.exp, "model", "the model "+err.Error())
		}
		list = append(list, s.stage(r.exp, c, p))
	}
	return list, nil
}

// stagesFrom are the stages of a run that begins with these parameters. Stage 3 removes what is
// known by now, and nothing where that is yet to be found.
func stagesFrom(r *run, t *task, c arch.Config, p *model.Params[float32]) []stage {
	retrained, weights := c, p
	if known, err := r.outcome(); err == nil {
		if family, err := familyOf(r, known.rule(), c, t); err == nil {
			known.serve(r.exp, family)
		}
		if known.student != nil && known.student.fits(c.NumHiddenLayers) == nil {
			retrained, weights = known.student.begin(c, p)
		}
		if n := known.neurons; n > 0 && n < c.IntermediateSize {
			retrained = ofNeurons(c, n)
			weights = model.NewParams[float32](retrained)
		}
		if k := known.keeps; k != nil && len(k.Keep) == retrained.NumHiddenLayers && k.MaxLength == r.exp.Data.MaxLength {
			retrained.PowerRetention, retrained.Budgets = k, known.budgets
		}
	}
	list := []stage{finetuneStage(r.exp, c, p), searchStage(r.exp, c, p), r.retrainStage(retrained, weights)}
	for i := range list {
		if list[i].distils() {
			list[i].taughtBy(&train.Teacher{Config: c, Params: p})
		}
	}
	if !r.exp.Searches() {
		list = slices.Delete(list, 1, 2)
	}
	return list
}

// later are the stages that follow the first in a run and of which it is known by now what
// they take: not stage 3 where what it removes is yet to be found.
func later(r *run, t *task, first stage) []stage {
	list := stagesFrom(r, t, first.learner.Config, first.learner.Params)[1:]
	if last := list[len(list)-1].learner.Config; last.PowerRetention == nil && shapeOf(last) == shapeOf(first.learner.Config) {
		list = list[:len(list)-1]
	}
	return list
}

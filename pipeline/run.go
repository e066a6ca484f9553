package pipeline

import (
	"cmp"
	"context"
	"errors"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline/estimate"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// Run runs the three stages, skipping those that are complete and going on with
// one that was interrupted. With Overwrite it starts from stage 1 anew. The search
// is left out where the experiment gives a retention configuration; where it asks for a
// price or a quality, stages 2 and 3 are Compete, and Retrain or RetrainWithin.
func Run(ctx context.Context, e *configs.Experiment, o Options) ([]*rundir.Result, error) {
	var results []*rundir.Result
	if !o.Overwrite {
		o.Resume, o.Again = true, cmp.Or(o.Again, SameCommand)
	}
	for _, stage := range stagesOf(e) {
		r, err := stage(ctx, e, o)
		if r != nil {
			results = append(results, r)
		}
		if err != nil {
			return results, err
		}
		o.Overwrite = false // the first stage has discarded the later ones
		o.Resume = true
	}
	return results, nil
}

// A stageFunc carries out a stage, or what takes its place; the result is nil where there
// is none.
type stageFunc func(context.Context, *configs.Experiment, Options) (*rundir.Result, error)

// stagesOf are what a run of an experiment does, in order.
func stagesOf(e *configs.Experiment) []stageFunc {
	switch s := &e.Search; {
	case e.Retrain.Given():
		return []stageFunc{finetune, Retrain}
	case !s.Budgeted():
		return []stageFunc{finetune, Search, Retrain}
	case s.MaxDrop == configs.NoPoints:
		return []stageFunc{finetune, search, Retrain}
	}
	return []stageFunc{finetune, search, retrainWithin}
}

// finetune is Finetune, unless a later stage will not fit into memory.
func finetune(ctx context.Context, e *configs.Experiment, o Options) (*rundir.Result, error) {
	return runStage(ctx, e, o, configs.StageFinetune, func(r *run, t *task) (stage, error) {
		base := estimate.InUse()
		first, err := firstStage(r, t)
		if err != nil {
			return first, err
		}
		for _, s := range append([]stage{first}, later(r, t, first)...) {
			err = cmp.Or(err, fits(r, s, t, base))
		}
		return first, err
	})
}

// search is Compete as a stage, with the result of the paper's search where there was one.
func search(ctx context.Context, e *configs.Experiment, o Options) (*rundir.Result, error) {
	o = o.prepare(e)
	if _, err := Compete(ctx, e, o); err != nil || !e.Search.Learns() {
		return nil, err
	}
	return o.place().Stage(configs.StageSearch).Result()
}

// retrainWithin is RetrainWithin as a stage: that nothing holds is an error.
func retrainWithin(ctx context.Context, e *configs.Experiment, o Options) (*rundir.Result, error) {
	w, result, err := RetrainWithin(ctx, e, o)
	if err == nil && !w.Reached && o.MaxSteps == 0 { // a dry run is there to fail at nothing
		err = errors.New(w.Verdict())
	}
	return result, err
}

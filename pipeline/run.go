package pipeline

import (
	"cmp"
	"context"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// Run runs the three stages, skipping those that are complete and going on with
// one that was interrupted. With Overwrite it starts from stage 1 anew. The search
// is left out where the experiment gives a retention configuration.
func Run(ctx context.Context, e *configs.Experiment, o Options) ([]*rundir.Result, error) {
	var results []*rundir.Result
	if !o.Overwrite {
		o.Resume, o.Again = true, cmp.Or(o.Again, SameCommand)
	}
	list := []func(context.Context, *configs.Experiment, Options) (*rundir.Result, error){Finetune, Search, Retrain}
	if len(e.Retrain.Retention) > 0 {
		list = slices.Delete(list, 1, 2)
	}
	for _, stage := range list {
		r, err := stage(ctx, e, o)
		if err != nil {
			return results, err
		}
		results = append(results, r)
		o.Overwrite = false // the first stage has discarded the later ones
		o.Resume = true
	}
	return results, nil
}

package pipeline

import (
	"context"

	"github.com/powerbert/powerbert/configs"
)

// Run runs the three stages, skipping those that are complete and going on with
// one that was interrupted. With Overwrite it starts from stage 1 anew.
func Run(ctx context.Context, e *configs.Experiment, o Options) ([]*Result, error) {
	var results []*Result
	o.Resume = o.Resume || !o.Overwrite
	for _, stage := range []func(context.Context, *configs.Experiment, Options) (*Result, error){Finetune, Search, Retrain} {
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

package sweep

import (
	"context"
	"errors"
	"fmt"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/quantize"
)

// Run runs the points one after another. Those that are complete are not run
// again. A point that fails does not keep the others from running: its error comes
// at the end. Interrupted, it saves and stops; called again, it goes on.
func (s *Sweep) Run(ctx context.Context, o pipeline.Options) error {
	var failed []error
	for i := range s.Points {
		if ctx.Err() != nil {
			failed = append(failed, fmt.Errorf("%w before point %d of a sweep; %s", pipeline.ErrInterrupted, i, pipeline.SameCommand))
			break
		}
		_, err := s.RunPoint(ctx, i, o)
		failed = append(failed, err)
		if errors.Is(err, pipeline.ErrInterrupted) {
			break
		}
	}
	return errors.Join(failed...)
}

// RunPoint runs the stages of one point, by its number. The options' directory and
// what they say about resuming do not matter.
func (s *Sweep) RunPoint(ctx context.Context, index int, o pipeline.Options) ([]*rundir.Result, error) {
	p := s.Points[index]
	results, err := s.runPoint(ctx, p, o)
	if err != nil {
		err = fmt.Errorf("point %d (%s): %w", p.Index, p.Label(), err)
	}
	return results, err
}

func (s *Sweep) runPoint(ctx context.Context, p Point, o pipeline.Options) ([]*rundir.Result, error) {
	e, err := s.Experiment(p)
	if err != nil {
		return nil, err
	}
	o.Dir, o.Resume, o.Overwrite, o.Again = s.Path(p), true, false, pipeline.SameCommand
	if o.Log != nil {
		o.Log.Info("point", "index", p.Index, "last", len(s.Points)-1, "set", p.Label())
	}
	var others []string
	for _, other := range s.Points {
		if other.Index != p.Index {
			others = append(others, s.Path(other))
		}
	}
	if err := pipeline.ShareStages(e, o, others); err != nil && o.Log != nil {
		o.Log.Warn("the stages of another point cannot be shared", "error", err)
	}
	if s.Until == configs.StageFinetune {
		result, err := pipeline.Finetune(ctx, e, o)
		return []*rundir.Result{result}, err
	}
	results, _, err := quantize.Run(ctx, e, o)
	return results, err
}

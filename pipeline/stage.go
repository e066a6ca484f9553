package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/hub"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
)

// runStage runs a stage where it is not complete: plan says what it asks of the
// loop, once the data is there.
func runStage(ctx context.Context, e *configs.Experiment, o Options, name string, plan func(r *run, t *task) (stage, error)) (*Result, error) {
	o = o.prepare(e)
	return perform(ctx, e, o, name, func() (*task, error) { return loadTask(ctx, e, o) }, plan)
}

// perform is runStage with data that load reads.
func perform(ctx context.Context, e *configs.Experiment, o Options, name string, load func() (*task, error), plan func(r *run, t *task) (stage, error)) (*Result, error) {
	r, err := open(e, name, o)
	if err != nil {
		return nil, err
	}
	done, _, err := r.begin(name)
	if done != nil || err != nil {
		return done, err
	}
	t, err := load()
	if err != nil {
		return nil, err
	}
	if r.before(name) == "" {
		if err := r.find(ctx); err != nil {
			return nil, err
		}
	}
	s, err := plan(r, t)
	if err != nil {
		return nil, err
	}
	unlock, err := r.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := r.clean(name); err != nil {
		return nil, err
	}
	// Once more, for another process may have been here since.
	if err := r.belongs(name); err != nil {
		return nil, err
	}
	done, resume, err := r.begin(name)
	if done != nil || err != nil {
		return done, err
	}
	if err := r.start(name, resume); err != nil {
		return nil, err
	}
	return r.train(ctx, s, t, resume)
}

// find looks for the experiment's model, if it has one, here or at the hub.
func (r *run) find(ctx context.Context) (err error) {
	if r.exp.Model != "" {
		r.model, err = r.Hub.Dir(ctx, r.exp.Model, hub.Weights)
	}
	return err
}

// train runs a stage from its beginning or, with resume, from its checkpoint,
// and leaves its directory complete.
func (r *run) train(ctx context.Context, s stage, t *task, resume bool) (result *Result, err error) {
	train, dev := t.fingerprints()
	tr := &trainer{stepper: stepper{stage: s}, run: r, dir: r.stage(s.name), task: t, state: state{Stage: s.name, Data: train + dev, Evaluated: -1}, saved: -1}
	defer func() { err = errors.Join(err, tr.close()) }()
	if err := tr.prepare(resume); err != nil {
		return nil, err
	}
	if err := tr.loop(ctx); err != nil {
		return nil, err
	}
	if tr.soft != nil { // s would keep the weights that a model grew from
		if err := tr.saveRetention(); err != nil {
			return nil, err
		}
	}
	return tr.finish()
}

// prepare makes networks and optimiser, and restores a checkpoint.
func (t *trainer) prepare(resume bool) (err error) {
	if err := t.build(); err != nil {
		return err
	}
	t.sched = t.schedule()
	if resume {
		if err := t.restore(); err != nil {
			return err
		}
	}
	return t.openLog()
}

// build makes the networks, and an optimiser that has seen nothing.
func (t *trainer) build() (err error) {
	workers := t.run.exp.Workers
	if t.stepper, err = newStepper(t.stage, workers, t.task.padTo); err != nil {
		return err
	}
	use := t.use
	use.Train = false
	t.evals, err = newReplicas(workers, t.config, t.params, t.soft, use)
	return err
}

func (t *trainer) close() error {
	err := errors.Join(t.stepper.close(), t.evals.close())
	if t.log != nil {
		err = errors.Join(err, t.log.file.Close())
	}
	return err
}

// save writes the model as it is into the stage's directory.
func (t *trainer) save() error {
	if err := t.task.tok.Save(string(t.dir)); err != nil {
		return err
	}
	return model.Save(string(t.dir), t.config, t.params)
}

// from is the model of an earlier stage, which the stage at hand goes on with on
// the same data.
func (r *run) from(name string, t *task) (arch.Config, *model.Params[float32], error) {
	loaded, err := model.LoadTrained[float32](string(r.stage(name)))
	if err != nil {
		return arch.Config{}, nil, fmt.Errorf("%w; it is the %s stage's: run that again with --overwrite", err, name)
	}
	if known := loaded.Config.Labels(); !slices.Equal(known, t.labels) {
		return arch.Config{}, nil, stateErrorf(r.Dir, "the %s stage's model knows the labels %q, but the data has %q; "+
			"put back the data of the run, or begin anew with another --out", name, known, t.labels)
	}
	result, err := readResult(r.stage(name))
	if err != nil {
		return arch.Config{}, nil, err
	}
	train, dev := t.fingerprints()
	for _, set := range []struct{ name, was, now string }{{"training", result.TrainSet, train}, {"dev", result.DevSet, dev}} {
		if set.was != set.now {
			return arch.Config{}, nil, stateErrorf(r.Dir, "the %s stage had another %s set; "+
				"put back the data of the run, or begin anew with another --out", name, set.name)
		}
	}
	return loaded.Config, loaded.Params, nil
}

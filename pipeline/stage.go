package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/hub"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/estimate"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
)

// plan is the way of the stage through a task.
func (r *run) plan(name string, t *task) plan.Plan {
	n := len(t.Train)
	if configs.LearnsUnlabelled(name) {
		n += t.texts()
	}
	p := plan.Of(r.exp, name, n, len(t.Chooses())).Short(r.MaxSteps)
	if r.exp.Finetune.Sampling == configs.SampleBalanced && name != configs.StagePretrain {
		p = p.Balanced(data.Groups(t.Train, len(t.labels)))
	}
	return p
}

// runStage runs a stage where it is not complete: build says what it asks of the loop,
// once the data is there.
func runStage(ctx context.Context, e *configs.Experiment, o Options, name string, build func(r *run, t *task) (stage, error)) (*rundir.Result, error) {
	o = o.prepare(e)
	return perform(ctx, e, o, name, func() (*task, error) { return loadTask(ctx, e, o) }, build)
}

// perform is runStage with data that load reads.
func perform(ctx context.Context, e *configs.Experiment, o Options, name string, load func() (*task, error), build func(r *run, t *task) (stage, error)) (*rundir.Result, error) {
	r := &run{Options: o, exp: e}
	done, err := r.place().Look(e, name)
	if err == nil && done != nil {
		return done, missing(done, !r.selecting)
	}
	if err != nil {
		return nil, err
	}
	t, err := load()
	if err != nil {
		return nil, err
	}
	if r.place().Before(e, name) == "" {
		if err := r.find(ctx); err != nil {
			return nil, err
		}
	}
	base := estimate.InUse()
	s, err := build(r, t)
	if err != nil {
		return nil, err
	}
	t.look = nil // lets go of the texts
	if err := fits(r, s, t, base); err != nil {
		return nil, err
	}
	w, done, err := r.place().Claim(e, name) // another process may have been here since
	if done != nil || err != nil {
		return done, err
	}
	defer w.Close()
	return r.train(ctx, s, t, w)
}

// training is the use that every stage of an experiment makes of the networks that learn.
func training(e *configs.Experiment) model.Use {
	return model.Use{Train: true, Precision: e.Precision}
}

// fits reports that a stage needs more memory than there is, base of which was in use
// before its weights.
func fits(r *run, s stage, t *task, base int) error {
	return short(r.exp, estimate.Fits(setting(r, t), estimate.Task{Plan: r.plan(s.name, t), Learner: s.learner, Also: t.foreseen(s.name)}, base, r.Memory))
}

// missing reports what a complete stage lacks of what it left, weights among it, or what of
// that is damaged. A trial that only chooses keeps no weights.
func missing(done *rundir.Result, weights bool) error {
	if err := rundir.StageDir(done.Dir).Intact(); err != nil || !weights {
		return err
	}
	if _, err := model.WeightsBytes(done.Dir); err != nil {
		return fmt.Errorf("%w; it is the %s stage's: run that again with --overwrite", err, done.Stage)
	}
	return nil
}

// find looks for the experiment's model, if it has one, here or at the hub.
func (r *run) find(ctx context.Context) (err error) {
	if r.exp.Model != "" {
		r.model, err = r.Hub.Dir(ctx, r.exp.Model, hub.Weights)
	}
	return r.exp.At("model", err)
}

// train runs a stage from its beginning or from its checkpoint, and leaves its directory
// complete.
func (r *run) train(ctx context.Context, s stage, t *task, w *rundir.Writer) (result *rundir.Result, err error) {
	if t, err = t.answered(ctx, r, &s, r.plan(s.name, t)); err != nil {
		return nil, err
	}
	weigh(r.exp, &s.learner, t)
	work := &train.Work{Learner: s.learner, Examples: t.Examples, Workers: r.exp.Workers, LogEvery: r.exp.LogEvery,
		SaveIn: r.exp.CheckpointEvery, Crew: r.Crew, Log: r.Log, Report: r.Report.Report}
	defer func() { err = errors.Join(err, work.End()) }()
	p := r.plan(s.name, t)
	if err := work.Begin(p); err != nil {
		return nil, err
	}
	kept := &store{dir: w, tok: t.tok, maxLength: t.maxLength, tensorboard: r.exp.TensorBoard}
	defer func() { err = errors.Join(err, kept.close()) }()
	if err := kept.open(work, p); err != nil {
		return nil, err
	}
	if err := train.Run(ctx, work, kept, kept.sinks...); err != nil {
		return nil, r.explain(err, work, p, w)
	}
	done, err := r.result(ctx, s, work, t, w)
	if err != nil {
		return nil, r.explain(err, work, p, w)
	}
	if s.name == configs.StageFinetune && r.MaxSteps == 0 {
		if err := doubtSignal(r.Log, t, done.Dev); err != nil {
			return nil, err
		}
	}
	if err := recall(work, w); err != nil {
		return nil, err
	}
	if work.Soft != nil {
		found, err := r.saveRetention(work, t, w)
		if err != nil {
			return nil, err
		}
		done.Retention, done.Undecided = found, found.Undecided()
	}
	return done, w.Finish(done, card(r.exp, s, work, t, done))
}

// recall gives the work the thresholds of the model that was kept, in place of those of the
// last evaluation.
func recall(work *train.Work, w *rundir.Writer) error {
	if !work.Config.Problem().Several() {
		return nil
	}
	kept, err := model.ReadConfig(string(w.StageDir))
	work.Config.Thresholds = kept.Thresholds
	return err
}

// explain adds to an error of the loop where it happened, and how to go on.
func (r *run) explain(err error, work *train.Work, p plan.Plan, w *rundir.Writer) error {
	at := work.State.Step
	switch diverged := new(train.DivergedError); {
	case errors.As(err, &diverged):
		return fmt.Errorf("%s: %w", w.StageDir, err)
	case errors.Is(err, ErrInterrupted) && r.MaxSteps > 0:
		return fmt.Errorf("%w in %s at step %d of a dry run, which the same command begins anew", err, p.Stage, at)
	case errors.Is(err, ErrInterrupted):
		return fmt.Errorf("%w in %s at step %d of %d, saved to %s; %s", err, p.Stage, at, p.Last(), w.Checkpoint(), r.again())
	}
	return err
}

// result is what a stage that has ended came to.
func (r *run) result(ctx context.Context, s stage, work *train.Work, t *task, w *rundir.Writer) (*rundir.Result, error) {
	score, err := r.scoreDev(ctx, work, t, w)
	if err != nil {
		return nil, err
	}
	seconds, state := work.Seconds()+r.reading.Seconds(), &work.State
	train, dev := t.fingerprints()
	result := &rundir.Result{Stage: s.name, Task: t.name, TrainSet: train, DevSet: dev, MaxSteps: r.MaxSteps,
		Unlabelled: t.taught, Metric: t.Metric, Dev: score.Value, Also: score.Also, Loss: score.Loss, Chosen: state.Best,
		Epoch: state.BestEpoch, Seconds: seconds, ExamplesPerSecond: float64(state.Examples) / seconds,
		Params: len(work.Params.Arena()), MACs: estimate.MACs(&work.Config, &work.Use.Elimination, t.Dev, t.maxLength), Ranks: r.Crew.Size(), Dir: string(w.StageDir)}
	if p := r.plan(s.name, t); state.Step < p.Last() {
		result.Stopped = int(math.Ceil(p.Epoch(state.Step)))
	}
	if result.Budgets = atBudgets(&work.Config, score, state, t); len(score.Budgets) > 0 {
		result.Dev, result.Loss = score.Budgets[0].Value, score.Budgets[0].Loss
	}
	if s.retention != "" {
		result.RetentionFrom, result.Strategy = s.retention, r.exp.Retrain.Strategy
	}
	return result, nil
}

// scoreDev is what the model that was kept scores on the dev set: what its evaluation
// said, where dev chose it, and else, but for a dry run, a look at dev for once.
func (r *run) scoreDev(ctx context.Context, work *train.Work, t *task, w *rundir.Writer) (s train.Score, err error) {
	state := &work.State
	if t.HeldOut == nil || r.MaxSteps > 0 || r.selecting {
		return train.Score{Value: state.Best, Also: state.BestAlso, Loss: state.BestLoss, Budgets: state.BestBudgets}, nil
	}
	kept, err := model.LoadTrained[float32](string(w.StageDir))
	if err != nil {
		return s, err
	}
	l := work.Learner
	l.Config, l.Params = kept.Config, kept.Params
	nets, err := l.Evaluators(r.exp.Workers)
	if err != nil {
		return s, err
	}
	s, err = t.Reported(train.Watching(ctx, r.Report.Report, work.State.Stage, "dev set"), nets)
	if ctx.Err() != nil {
		err = ErrInterrupted
	}
	return s, err
}

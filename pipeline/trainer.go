package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/optim"
)

// A stage is what one of the three stages, pretraining or a student asks of the loop.
type stage struct {
	name   string
	conf   configs.Stage
	use    model.Use // of the training networks
	soft   *model.SoftExtract[float32]
	lrR    float64
	best   bool // keep the best dev epoch; otherwise the last
	config arch.Config
	params *model.Params[float32]

	masking *data.Masking // of masked-language modelling; nil: the stage classifies
	growth  growth        // of its encoders
	every   int           // optimiser steps between two evaluations; 0: one per epoch

	retention string   // of hard extraction: where its configuration comes from
	teacher   *teacher // of distillation; nil: none
}

// A trainer is the loop of a stage: steps of the optimiser over shuffled
// batches, an evaluation per epoch, checkpoints, and the record of it all.
type trainer struct {
	stepper
	run   *run
	dir   stageDir
	task  *task
	evals replicas
	sched optim.Schedule
	state state
	log   *metricsLog
	due   bool      // a checkpoint: see step
	saved int       // step of the last checkpoint; −1: none
	since time.Time // when the current process began to work on the stage
	meter meter
}

// state is how far a stage has come: state.json of a checkpoint.
type state struct {
	Stage     string        `json:"stage"`
	Data      string        `json:"data"`       // digest of the examples it learns from and is scored on
	Step      int           `json:"step"`       // optimiser steps done
	Examples  int           `json:"examples"`   // training examples seen, repeats counted
	Tokens    int           `json:"tokens"`     // in them
	Best      float64       `json:"best"`       // best dev metric so far
	BestAlso  metric.Scores `json:"best_also"`  // what else that epoch scores
	BestLoss  float64       `json:"best_loss"`  // dev loss of that epoch
	BestEpoch int           `json:"best_epoch"` // 0: none yet
	Evaluated int           `json:"evaluated"`  // step of the last evaluation; −1: none yet
	LogBytes  int64         `json:"log_bytes"`  // length of metrics.jsonl
	Seconds   float64       `json:"seconds"`    // spent on the stage
	Window    window        `json:"window"`     // since the last logged step
	Encoders  int           `json:"encoders"`   // of the model, which may grow
}

// window sums what one line of metrics.jsonl averages.
type window struct {
	Task     float64 `json:"task"`
	Penalty  float64 `json:"penalty"`
	Steps    int     `json:"steps"`
	Examples int     `json:"examples"`
}

// perStep is how many examples make an optimiser step.
func (t *trainer) perStep() int { return t.conf.BatchSize * t.conf.Accumulate }

// stepsPerEpoch is how many optimiser steps an epoch has.
func (t *trainer) stepsPerEpoch() int {
	return (len(t.task.train) + t.perStep() - 1) / t.perStep()
}

// total is how many optimiser steps the stage has.
func (t *trainer) total() int { return t.conf.Epochs * t.stepsPerEpoch() }

// last is the step at which the stage ends, earlier than total in a dry run.
func (t *trainer) last() int {
	if t.run.MaxSteps > 0 {
		return min(t.total(), t.run.MaxSteps)
	}
	return t.total()
}

func (t *trainer) schedule() optim.Schedule {
	return optim.Schedule{Total: t.total(), Warmup: int(t.conf.Warmup * float64(t.total())), IBM: t.conf.Schedule == configs.ScheduleIBM}
}

// loop trains from the state at hand to the end of the stage.
func (t *trainer) loop(ctx context.Context) error {
	t.since, t.meter = time.Now(), meter{since: time.Now()}
	for order, epoch := []int(nil), -1; ; {
		if ctx.Err() != nil {
			return t.interrupted()
		}
		if t.evaluationDue() {
			if err := t.endEpoch(ctx); err != nil {
				return err
			}
		}
		if t.state.Step == t.last() {
			return nil
		}
		if err := t.grow(t.growth.at(t.state.Step, t.last(), t.config.NumHiddenLayers)); err != nil {
			return err
		}
		if e := t.state.Step / t.stepsPerEpoch(); e != epoch {
			epoch, order = e, data.Order(len(t.task.train), t.seed(), e)
		}
		at := t.state.Step % t.stepsPerEpoch() * t.perStep()
		if err := t.step(order[at:min(at+t.perStep(), len(order))]); err != nil {
			return err
		}
		if err := t.record(); err != nil {
			return err
		}
	}
}

// evaluationDue tells whether an epoch, or the stage, has ended and was not
// evaluated yet.
func (t *trainer) evaluationDue() bool {
	s := t.state.Step
	every := cmp.Or(t.every, t.stepsPerEpoch())
	ended := s == t.last() || s > 0 && s%every == 0
	return ended && t.state.Evaluated != s
}

// endEpoch evaluates and makes a checkpoint.
func (t *trainer) endEpoch(ctx context.Context) error {
	if err := t.evaluate(ctx); err != nil {
		if ctx.Err() != nil {
			return t.interrupted()
		}
		return err
	}
	return t.checkpoint()
}

// What tells the seed of the positions of Rand-WS, and that of students, from those
// of the stages.
const (
	seedOfDraw     = 5
	seedOfStudents = 6
)

// seed is the stage's own, so that no two stages see the data in one order.
func (t *trainer) seed() uint64 {
	number := map[string]uint64{configs.StageFinetune: 1, configs.StageSearch: 2, configs.StageRetrain: 3, configs.StagePretrain: 4}[t.name]
	if isStudent(t.name) {
		number = seedOfStudents
	}
	return kernel.Mix(uint64(t.run.exp.Seed), number)
}

// step makes one optimiser step over the examples of batch. A checkpoint that is
// due is made on the way, once loss and gradient have turned out finite: so that
// none holds weights that lead nowhere.
func (t *trainer) step(batch []int) error {
	task, err := t.gradients(t.task.train, batch, kernel.Mix(t.seed(), uint64(t.state.Step)))
	if err != nil {
		return err
	}
	penalty := t.penalty()
	if math.IsNaN(task+penalty) || math.IsInf(task+penalty, 0) {
		return t.diverged("loss", task+penalty, t.state.Step+1, t.nets)
	}
	if t.due && !kernel.NotFinite(t.grad.Theta) {
		if err := t.checkpoint(); err != nil {
			return err
		}
	}
	if err := t.update(t.sched.At(t.state.Step)); errors.Is(err, optim.ErrNotFinite) {
		return t.diverged("gradient norm", t.opt.GradNorm(), t.state.Step+1, t.nets)
	} else if err != nil {
		return err
	}
	t.state.Step++
	t.state.Examples += len(batch)
	for _, i := range batch {
		t.state.Tokens += t.task.train[i].Tokens()
	}
	t.state.Window.add(task, penalty, len(batch))
	t.meter.examples += len(batch)
	return nil
}

func (w *window) add(task, penalty float64, examples int) {
	w.Task += task
	w.Penalty += penalty
	w.Steps++
	w.Examples += examples
}

// diverged is the error of a value that is not finite, with the first place in
// the networks that is not.
func (t *trainer) diverged(what string, value float64, step int, nets replicas) error {
	where := "the backward pass"
	for _, n := range nets {
		place, err := n.NotFinite()
		if err != nil {
			return err
		}
		if place != "" {
			where = place
			break
		}
	}
	section := t.name
	if isStudent(section) {
		section = configs.SectionStudents
	}
	return fmt.Errorf("%s: %s is %v at step %d (epoch %.2f), first not finite in %s; %s; lower %s.lr or set %[8]s.clip",
		t.dir, what, value, step, float64(step)/float64(t.stepsPerEpoch()), where, t.kept(), section)
}

// epoch is how many epochs are done, with their fraction.
func (t *trainer) epoch() float64 { return float64(t.state.Step) / float64(t.stepsPerEpoch()) }

// record writes and shows what is due after a step.
func (t *trainer) record() error {
	s := t.state.Step
	if s%t.run.exp.LogEvery == 0 || s == t.last() {
		if err := t.logStep(); err != nil {
			return err
		}
	}
	t.report()
	if every := t.run.exp.CheckpointEvery; every > 0 && s%every == 0 {
		t.due = true
	}
	return nil
}

// evaluate scores the dev set, and saves the model where it is the one to keep.
func (t *trainer) evaluate(ctx context.Context) error {
	value, also, devLoss, err := t.measure(ctx)
	if err != nil {
		return err
	}
	if math.IsNaN(devLoss) || math.IsInf(devLoss, 0) {
		return t.diverged("dev loss", devLoss, t.state.Step, t.evals)
	}
	if err := t.logEvaluation(value, also, devLoss); err != nil {
		return err
	}
	t.state.Evaluated, t.meter.dev, t.meter.evaluated = t.state.Step, value, true
	t.report()
	epoch := int(math.Ceil(t.epoch()))
	if t.best && t.state.BestEpoch > 0 && value <= t.state.Best {
		return nil
	}
	t.state.Best, t.state.BestAlso, t.state.BestLoss, t.state.BestEpoch = value, also, devLoss, epoch
	return t.save()
}

// measure is the metric, what is reported with it, and the loss on the dev set.
func (t *trainer) measure(ctx context.Context) (value float64, also metric.Scores, devLoss float64, err error) {
	dev := t.devFor(t.task.dev)
	if t.masking != nil {
		devLoss, err = maskedLoss(ctx, t.evals, dev, t.masking)
		return math.Exp(devLoss), nil, devLoss, err
	}
	out, err := evaluate(ctx, t.evals, dev, t.task.padTo)
	if err != nil {
		return 0, nil, 0, err
	}
	if value, also, err = out.Score(t.metric()); err == nil {
		also, err = t.scoreAlso(ctx, also)
	}
	return value, also, out.Loss(), err
}

// taskName is that of the experiment's task, or of pretraining.
func (t *trainer) taskName() string {
	if t.masking != nil {
		return "masked_lm"
	}
	return t.run.exp.Data.Task
}

// metric names what the dev set is scored by.
func (t *trainer) metric() string {
	if t.masking != nil {
		return "perplexity"
	}
	return t.run.exp.Data.Metric
}

// devFor is a dev set, or as much of it as a dry run looks at, spread over the set: it
// may be sorted by label.
func (t *trainer) devFor(set []data.Encoded) []data.Encoded {
	n := t.run.MaxSteps * evalBatch
	if n == 0 || n >= len(set) {
		return set
	}
	some := make([]data.Encoded, n)
	for i := range some {
		some[i] = set[i*len(set)/n]
	}
	return some
}

// scoreAlso adds the metric on the second dev set, where the task has one.
func (t *trainer) scoreAlso(ctx context.Context, also metric.Scores) (metric.Scores, error) {
	if t.task.also == nil {
		return also, nil
	}
	out, err := evaluate(ctx, t.evals, t.devFor(t.task.also), t.task.padTo)
	if err != nil {
		return nil, err
	}
	value, _, err := out.Score(t.metric())
	return also.With(t.metric()+" on "+t.task.alsoName, value), err
}

// interrupted saves and says how to go on.
func (t *trainer) interrupted() error {
	if t.run.MaxSteps > 0 {
		return fmt.Errorf("%w in %s at step %d of a dry run, which the same command begins anew", ErrInterrupted, t.name, t.state.Step)
	}
	if err := t.checkpoint(); err != nil {
		return err
	}
	return fmt.Errorf("%w in %s at step %d of %d, saved to %s; %s",
		ErrInterrupted, t.name, t.state.Step, t.last(), t.dir.checkpoint(), cmp.Or(t.run.Again, "go on with --resume"))
}

// seconds is the time spent on the stage so far.
func (t *trainer) seconds() float64 { return t.state.Seconds + time.Since(t.since).Seconds() }

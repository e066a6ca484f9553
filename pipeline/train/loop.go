package train

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/optim"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/predict"
)

// ErrInterrupted tells that a stage was stopped on request, after saving.
var ErrInterrupted = errors.New("interrupted")

// A Store keeps what a stage makes.
type Store interface {
	Keep(w *Work) error       // the model as it is, in place of the one kept before
	Checkpoint(w *Work) error // all that it takes to go on to the same bits
}

// A Sink is told what happens.
type Sink interface {
	Step(rundir.StepLine) error
	Evaluation(rundir.EvaluationLine) error
}

// Run trains from the state at hand to the end of the plan: evaluate, keep, grow, step.
// When ctx ends it saves a checkpoint, unless it is a dry run, and returns ErrInterrupted.
func Run(ctx context.Context, w *Work, s Store, out ...Sink) error {
	l := &loop{Work: w, store: s, sinks: out}
	for batches := w.plan.Batches(); ; {
		if ctx.Err() != nil {
			return l.interrupted()
		}
		if at := w.State.Step; w.plan.EvaluatesAt(at) && w.State.Evaluated != at {
			if err := l.evaluate(ctx); err != nil && ctx.Err() != nil {
				return l.interrupted()
			} else if err != nil {
				return err
			}
			if w.plan.Stops(w.State.Worse) {
				if err := l.rest(); err != nil {
					return err
				}
			}
			if err := l.checkpoint(); err != nil {
				return err
			}
		}
		if w.State.Step == w.plan.Last() || w.plan.Stops(w.State.Worse) {
			return nil
		}
		if err := w.grow(w.plan.Growth.At(w.State.Step, w.plan.Last(), w.Config.NumHiddenLayers)); err != nil {
			return err
		}
		if err := l.step(batches.At(w.State.Step)); err != nil {
			return err
		}
		if err := l.record(); err != nil {
			return err
		}
	}
}

// A loop is one call of Run.
type loop struct {
	*Work
	store Store
	sinks []Sink
	due   bool // a checkpoint: see step
}

// step makes one optimiser step over the examples of batch. A checkpoint that is
// due is made on the way, once loss and gradient have turned out finite: so that
// none holds weights that lead nowhere.
func (l *loop) step(batch []int) error {
	w := l.Work
	task, err := w.gradients(batch)
	if err != nil {
		return err
	}
	penalty := w.steps.Penalty()
	if math.IsNaN(task+penalty) || math.IsInf(task+penalty, 0) {
		return w.diverged("loss", task+penalty, w.State.Step+1, w.steps.nets)
	}
	if l.due && !kernel.NotFinite(w.steps.Grad.Theta) {
		if err := l.checkpoint(); err != nil {
			return err
		}
	}
	if err := w.update(); errors.Is(err, optim.ErrNotFinite) {
		return w.diverged("gradient norm", w.steps.opt.GradNorm(), w.State.Step+1, w.steps.nets)
	} else if err != nil {
		return err
	}
	w.count(batch, task, penalty)
	return nil
}

// count adds a step to the state.
func (w *Work) count(batch []int, task, penalty float64) {
	w.State.Step++
	w.State.Examples += len(batch)
	for _, i := range batch {
		w.State.Tokens += w.Examples.Train[i].Tokens()
	}
	w.State.Window = w.State.Window.plus(Window{task, penalty, 1, len(batch)})
	w.meter.examples += len(batch)
}

// evaluate scores what chooses, and keeps the model where it is the one to keep.
func (l *loop) evaluate(ctx context.Context) error {
	w := l.Work
	score, err := w.measure(Watching(ctx, w.Report, w.plan.Stage, "evaluation"))
	if err != nil {
		return err
	}
	if math.IsNaN(score.Loss) || math.IsInf(score.Loss, 0) {
		return w.diverged("dev loss", score.Loss, w.State.Step, w.evals)
	}
	for _, sink := range l.sinks {
		if err := sink.Evaluation(w.evaluationLine(score)); err != nil {
			return err
		}
	}
	w.State.Evaluated, w.meter.dev, w.meter.evaluated = w.State.Step, score.Value, true
	l.report()
	if !w.plan.Keep.Better(score.Value, w.State.Best, w.State.BestEpoch == 0) {
		w.State.Worse++
		return nil
	}
	w.State.Worse = 0
	w.State.Best, w.State.BestAlso, w.State.BestLoss, w.State.BestBudgets = score.Value, score.Also, score.Loss, score.Budgets
	w.State.BestEpoch = int(math.Ceil(w.plan.Epoch(w.State.Step)))
	return l.store.Keep(w)
}

// checkpoint saves what the stage needs to go on.
func (l *loop) checkpoint() error {
	if l.Crew != nil {
		if err := l.Crew.compare(l.steps); err != nil {
			return err
		}
	}
	if err := l.store.Checkpoint(l.Work); err != nil {
		return fmt.Errorf("checkpoint at step %d: %w; %s", l.State.Step, err, l.Kept())
	}
	l.due, l.saved = false, l.State.Step
	return nil
}

// interrupted saves what can be gone on from.
func (l *loop) interrupted() error {
	if l.plan.MaxSteps == 0 {
		if err := l.checkpoint(); err != nil {
			return err
		}
	}
	return ErrInterrupted
}

// A DivergedError is a value that is not finite.
type DivergedError struct {
	What    string // the value is of, as "loss"
	Value   float64
	Step    int
	Epoch   float64
	Where   string // in the network it is first not finite
	Kept    string // what there is to go on from
	Section string // of the experiment, with the learning rate
}

// Error says what, when and where, and what might help.
func (e *DivergedError) Error() string {
	return fmt.Sprintf("%s is %v at step %d (epoch %.2f), first not finite in %s; %s; lower %s.lr or set %[7]s.clip",
		e.What, e.Value, e.Step, e.Epoch, e.Where, e.Kept, e.Section)
}

// diverged is the error of a value that is not finite, with the first place in the
// networks that is not.
func (w *Work) diverged(what string, value float64, step int, nets predict.Replicas) error {
	where := "the backward pass"
	if w.Crew != nil && what == "loss" {
		where = "the part of another rank"
	}
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
	return &DivergedError{what, value, step, w.plan.Epoch(step), where, w.Kept(), w.plan.Section}
}

// rest tells the sinks of steps that no line has averaged, where the stage ends before its
// plan does.
func (l *loop) rest() error {
	if l.State.Window.Steps == 0 {
		return nil
	}
	return l.tell()
}

// tell tells the sinks of the steps since the last line.
func (l *loop) tell() error {
	line := l.stepLine()
	for _, sink := range l.sinks {
		if err := sink.Step(line); err != nil {
			return err
		}
	}
	return nil
}

// record tells the sinks and shows what is due after a step.
func (l *loop) record() error {
	s := l.State.Step
	if s%l.LogEvery == 0 || s == l.plan.Last() {
		if err := l.tell(); err != nil {
			return err
		}
	}
	l.report()
	l.due = l.due || l.SaveIn > 0 && s%l.SaveIn == 0
	return nil
}

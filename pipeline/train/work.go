package train

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/predict"
)

// Work is a stage under way: what learns, from which examples, its networks and
// optimiser, and how far it has come.
type Work struct {
	Learner
	Examples Examples
	State    State
	Workers  int
	LogEvery int   // steps between two lines about steps
	SaveIn   int   // steps between two checkpoints; 0: one per evaluation
	Crew     *Crew // other ranks that share its steps; nil: alone
	Log      *slog.Logger
	Report   func(Progress) // told after each step and evaluation

	plan  plan.Plan
	steps *Stepper
	evals predict.Replicas
	saved int // step of the last checkpoint; −1: none
	meter meter
}

// meter measures the speed of the current process and remembers what progress shows.
type meter struct {
	since     time.Time // when it began
	examples  int
	loss, dev float64
	evaluated bool
}

// rate is training examples per second, evaluations included.
func (m *meter) rate() float64 { return float64(m.examples) / time.Since(m.since).Seconds() }

// Begin builds networks and optimiser to follow a plan, with nothing learned yet.
func (w *Work) Begin(p plan.Plan) error {
	w.plan, w.State = p, State{Stage: p.Stage, Data: w.Examples.Digest, Evaluated: -1}
	w.saved, w.meter = -1, meter{since: time.Now()}
	w.WarnOfPrecision(w.Log)
	return w.build()
}

// build makes the networks, and an optimiser that has seen nothing.
func (w *Work) build() (err error) {
	if w.steps, err = NewStepper(w.Learner, w.plan, w.Workers, w.Examples.PadTo); err != nil {
		return err
	}
	w.steps.Remembers = remembers(w.Use.Distil)
	w.evals, err = w.Evaluators(w.Workers)
	return err
}

// grow gives the model more encoders. Weights and moments of the optimiser go along.
func (w *Work) grow(encoders int) error {
	if encoders == w.Config.NumHiddenLayers {
		return nil
	}
	before, state := w.Config, w.steps.opt.State()
	if err := w.End(); err != nil {
		return err
	}
	w.Learner = w.Grown(encoders)
	if err := w.build(); err != nil {
		return err
	}
	w.Log.Info("grown", "step", w.State.Step, "encoders", fmt.Sprintf("%d → %d", before.NumHiddenLayers, encoders))
	opt, begins := w.steps.opt, w.Config.Net().Inherits(before.Net(), stackedOn(before.NumHiddenLayers))
	return opt.SetState(inheritState(opt.State(), state, begins))
}

// End has the other ranks, if there are any, let go of what they train.
func (w *Work) End() error {
	if w.steps == nil || w.Crew == nil {
		return nil
	}
	return w.Crew.end(w.Log)
}

// gradients computes those of the next step, of all ranks, and returns the task loss.
func (w *Work) gradients(batch []int) (float64, error) {
	seed := w.plan.StepSeed(w.State.Step)
	if w.Crew != nil {
		return w.Crew.gradients(w.steps, w.Examples.Train, batch, seed)
	}
	return w.steps.Gradients(w.Examples.Train, batch, seed)
}

// update changes the weights, of all ranks, at the learning rates of the next step.
func (w *Work) update() error {
	scale := w.plan.Schedule.At(w.State.Step)
	if w.Crew != nil {
		return w.Crew.update(w.steps, scale)
	}
	return w.steps.Update(scale)
}

// Seconds is the time spent on the stage so far.
func (w *Work) Seconds() float64 { return w.State.Seconds + time.Since(w.meter.since).Seconds() }

// Kept says what there is to go on from.
func (w *Work) Kept() string {
	if w.saved < 0 {
		return "there is no earlier checkpoint"
	}
	return fmt.Sprintf("the checkpoint of step %d is kept", w.saved)
}

package train

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// measure scores what the choice of an epoch goes by, and without rows held out for it the
// second dev set, too. The thresholds of labels that are each by itself are tuned on the
// same rows, and become the model's. In masked-language modelling the value is the perplexity.
func (w *Work) measure(ctx context.Context) (s Score, err error) {
	set, also := seen(w.plan, w.Examples.Chooses()), seen(w.plan, w.Examples.Also)
	if w.Masking != nil {
		s.Loss, err = predict.MaskedLoss(ctx, w.evals, set, w.Masking)
		s.Value = math.Exp(s.Loss)
		return s, err
	}
	if w.Examples.HeldOut != nil {
		also = nil
	}
	first := true // the largest budget, whose thresholds are those of all
	return overBudgets(w.evals, func() (Score, error) {
		return w.Examples.score(ctx, w.evals, set, also, func(out *problem.Outputs) {
			if first {
				out.Tune()
				w.Config.Thresholds, first = out.Thresholds, false
			}
			out.Thresholds = w.Config.Thresholds
		})
	})
}

// Reported scores networks on the dev sets, at each budget of their model.
func (x *Examples) Reported(ctx context.Context, nets predict.Replicas) (Score, error) {
	return overBudgets(nets, func() (Score, error) { return x.score(ctx, nets, x.Dev, x.Also, func(*problem.Outputs) {}) })
}

// overBudgets scores networks at each budget of their model, and means the scores; of a model
// of one budget, as they are.
func overBudgets(nets predict.Replicas, score func() (Score, error)) (mean Score, err error) {
	family := nets[0].Config().Budgets
	if len(family) < 2 {
		return score()
	}
	var s Score
	for i, b := range family {
		if i == 0 || !slices.Equal(b.Keep, family[i-1].Keep) { // a student may meet two with one list
			for _, n := range nets {
				if err := n.Retain(b.Keep); err != nil {
					return mean, err
				}
			}
			if s, err = score(); err != nil {
				return mean, err
			}
		}
		if i == 0 {
			mean.Also = s.Also
		}
		mean.Budgets = append(mean.Budgets, s)
		mean.Value += s.Value / float64(len(family))
		mean.Loss += s.Loss / float64(len(family))
	}
	return mean, nil
}

// score scores networks on a set, once the outputs are settled, and if it is not empty on
// another.
func (x *Examples) score(ctx context.Context, nets predict.Replicas, set, also []data.Encoded, settle func(*problem.Outputs)) (s Score, err error) {
	run := predict.Run{Nets: nets, PadTo: x.PadTo}
	out, err := run.Outputs(ctx, set)
	if err != nil {
		return s, err
	}
	settle(&out)
	s.Loss = out.Loss()
	if s.Value, s.Also, err = out.Score(x.Metric); err != nil || len(also) == 0 {
		return s, err
	}
	if out, err = run.Outputs(ctx, also); err != nil {
		return s, err
	}
	value, _, err := out.Score(x.Metric)
	s.Also = s.Also.With(x.Metric+" on "+x.AlsoName, value)
	return s, err
}

func (w *Work) evaluationLine(s Score) rundir.EvaluationLine {
	return rundir.EvaluationLine{Stage: w.plan.Stage, Step: w.State.Step, Epoch: w.plan.Epoch(w.State.Step), Eval: true,
		Metric: w.Examples.Metric, Dev: s.Value, Also: s.Also, DevLoss: s.Loss, Budgets: s.values(), Tokens: w.State.Tokens}
}

// stepLine is the means since the last line. The last of all, which may come soon after
// the one before, averages the steps of both.
func (l *loop) stepLine() rundir.StepLine {
	w := l.Work
	mean := w.State.Window
	if mean.Steps < w.LogEvery {
		mean = mean.plus(w.State.Before)
	}
	n, factor := float64(mean.Steps), w.plan.Schedule.At(w.State.Step-1)
	line := rundir.StepLine{Stage: w.plan.Stage, Step: w.State.Step, Epoch: w.plan.Epoch(w.State.Step),
		Loss: (mean.Task + mean.Penalty) / n, TaskLoss: mean.Task / n, Regulariser: mean.Penalty / n,
		LR: w.plan.LR * factor, LRr: w.plan.LRr * factor, GradNorm: w.steps.opt.GradNorm(), ExamplesPerSecond: w.meter.rate()}
	if w.Soft != nil {
		line.Mass = retention.Mass(w.Soft.R, w.Soft.Length)
	}
	w.State.Before, w.State.Window, w.meter.loss = w.State.Window, Window{}, line.Loss
	return line
}

// Progress is how far a stage has come.
type Progress struct {
	Stage             string        // its name, as "finetune"
	Candidate         string        // that competes, whose stage it is; "": none
	Reading           string        // what is read without learning of it, of which Step and Steps count; "": nothing, it trains
	Epoch, Epochs     int           // the running epoch from 1, and how many there are
	Step, Steps       int           // optimiser steps done, and how many there are in all epochs
	Loss              float64       // of the last line about steps, with the regulariser
	MetricName        string        // "" before the first evaluation
	Metric            float64       // on the dev set, of the last evaluation
	Evaluated         int           // the step of that
	ExamplesPerSecond float64       // training examples
	Remaining         time.Duration // of this stage, or reading; 0: unknown
}

// Watching is a context whose passes over examples are reported as what a stage, or a command,
// reads. report may be nil: nobody looks.
func Watching(ctx context.Context, report func(Progress), stage, what string) context.Context {
	if report == nil {
		return ctx
	}
	return predict.Watch(ctx, func(p predict.Pass) { report(Read(stage, what, p.Done, p.Of, p.Began)) })
}

// Read is the progress of a reading that has come to the step-th of so many since it began.
func Read(stage, what string, step, steps int, began time.Time) Progress {
	rate := float64(step) / max(time.Since(began).Seconds(), 1e-9)
	return Progress{Stage: stage, Reading: what, Step: step, Steps: steps, ExamplesPerSecond: rate,
		Remaining: time.Duration(float64(steps-step) / rate * float64(time.Second))}
}

// report shows progress.
func (l *loop) report() {
	w := l.Work
	if w.Report == nil {
		return
	}
	rate := w.meter.rate()
	p := Progress{Stage: w.plan.Stage, Epoch: min(int(w.plan.Epoch(w.State.Step))+1, w.plan.Epochs), Epochs: w.plan.Epochs,
		Step: w.State.Step, Steps: w.plan.Last(), Loss: w.meter.loss, ExamplesPerSecond: rate, Remaining: w.left(rate)}
	if w.meter.evaluated {
		p.MetricName, p.Metric, p.Evaluated = w.Examples.Metric, w.meter.dev, w.State.Evaluated
	}
	if now := w.State.Window; now.Steps > 0 && w.meter.loss == 0 {
		p.Loss = (now.Task + now.Penalty) / float64(now.Steps)
	}
	w.Report(p)
}

// left is how long the rest of the plan takes at a rate of examples per second.
func (w *Work) left(rate float64) time.Duration {
	if rate <= 0 {
		return 0
	}
	examples := (w.plan.Last() - w.State.Step) * w.plan.PerStep()
	return time.Duration(float64(examples) / rate * float64(time.Second))
}

package train

import (
	"context"
	"time"

	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/retention"
)

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

package train

import (
	"math"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/predict"
)

// Steps makes optimiser steps as the stages do, outside of any run: for programs
// that measure what a step costs.
type Steps struct {
	*Stepper
	done uint64
}

// NewSteps prepares to train a learner, whose parameters and r the steps change in
// place. The batch is dealt out to the workers. AdamW has weight decay 0.01, which spares
// LayerNorm and biases, eps 1e-8, no clipping; the rate stays lr, for r as well.
func NewSteps(l Learner, workers int, lr float64) (*Steps, error) {
	l.Use.Train = true
	s, err := NewStepper(l, plan.Plan{Batch: math.MaxInt, LR: lr, LRr: lr, WeightDecay: 0.01, Eps: 1e-8}, workers, 0)
	if err != nil {
		return nil, err
	}
	return &Steps{Stepper: s}, nil
}

// Step makes one step over a batch and returns the objective before it: the mean
// loss and, in soft extraction, the regulariser.
func (s *Steps) Step(examples []data.Encoded) (float64, error) {
	task, err := s.Gradients(examples, predict.Between(0, len(examples)), s.done)
	if err != nil {
		return 0, err
	}
	objective := task + s.Penalty()
	s.done++
	return objective, s.Update(1)
}

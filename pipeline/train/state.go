package train

import (
	"errors"
	"fmt"
	"slices"

	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/plan"
)

// State is how far a stage has come. Data order and dropout follow from seed and step, so
// no generator has a state of its own.
type State struct {
	Stage       string        `json:"stage"`
	Data        string        `json:"data"`                    // Examples.Digest of what it learns from and is scored on
	Step        int           `json:"step"`                    // optimiser steps done
	Examples    int           `json:"examples"`                // training examples seen, repeats counted
	Tokens      int           `json:"tokens"`                  // in them
	Best        float64       `json:"best"`                    // dev metric of the model that is kept
	BestAlso    metric.Scores `json:"best_also"`               // what else it scores
	BestLoss    float64       `json:"best_loss"`               // its dev loss
	BestBudgets []Score       `json:"best_budgets,omitempty"`  // its scores at each of several budgets
	BestEpoch   int           `json:"best_epoch"`              // its epoch; 0: none yet
	Worse       int           `json:"worse,omitempty"`         // evaluations since then, none of them better
	Evaluated   int           `json:"evaluated"`               // step of the last evaluation; −1: none yet
	LogBytes    int64         `json:"log_bytes"`               // length of metrics.jsonl
	LogCRC32C   string        `json:"log_crc32c,omitempty"`    // of these bytes; "": unknown
	Seconds     float64       `json:"seconds"`                 // spent on the stage
	Window      Window        `json:"window"`                  // since the last line about steps
	Before      Window        `json:"window_before,omitempty"` // what that line averaged
	Encoders    int           `json:"encoders"`                // of the model, which may grow
}

// A Score is what an evaluation came to.
type Score struct {
	Value float64       `json:"value"` // of Examples.Metric
	Also  metric.Scores `json:"also,omitempty"`
	Loss  float64       `json:"loss"`
	// Budgets are those of a model of several budgets, the largest first: Value and Loss are
	// then their means, and Also is of the largest.
	Budgets []Score `json:"budgets,omitempty"`
}

// values are the metric of each budget.
func (s *Score) values() (list []float64) {
	for i := range s.Budgets {
		list = append(list, s.Budgets[i].Value)
	}
	return list
}

// A Window sums what one line about steps averages.
type Window struct {
	Task     float64 `json:"task"`
	Penalty  float64 `json:"penalty"`
	Steps    int     `json:"steps"`
	Examples int     `json:"examples"`
}

// plus is both windows together.
func (w Window) plus(o Window) Window {
	return Window{w.Task + o.Task, w.Penalty + o.Penalty, w.Steps + o.Steps, w.Examples + o.Examples}
}

// Check refuses a state that is not of this plan on these examples.
func (s *State) Check(p plan.Plan, digest string, encoders int) error {
	switch {
	case s.Stage != p.Stage || s.Step < 0 || s.Step > p.Total():
		return fmt.Errorf("state.json is of stage %q, step %d, want %s, step 0 to %d", s.Stage, s.Step, p.Stage, p.Total())
	case s.Data != digest:
		return errors.New("the data have changed since it was made: put them back as they were")
	case s.Encoders != 0 && s.Encoders != encoders && !slices.Contains(p.Growth.Encoders, s.Encoders):
		return fmt.Errorf("state.json is of %d encoders, want %d", s.Encoders, encoders)
	}
	return nil
}

// Tensors are the live weights, r and moments, under their names in a checkpoint.
func (w *Work) Tensors() []model.NamedTensor {
	list := []model.NamedTensor{{Name: "theta", Shape: []int{len(w.Params.Arena())}, Data: w.Params.Arena()}}
	if w.Soft != nil {
		list = append(list, model.NamedTensor{Name: "r", Shape: []int{len(w.Soft.R)}, Data: w.Soft.R})
	}
	for _, m := range w.steps.opt.State().Moments {
		list = append(list, model.NamedTensor{Name: m.Name + ".m", Shape: []int{len(m.M)}, Data: m.M},
			model.NamedTensor{Name: m.Name + ".v", Shape: []int{len(m.V)}, Data: m.V})
	}
	return list
}

// Restore puts the work back to a state that Check lets pass and the tensors that go
// with it. The model grows if it had grown by then.
func (w *Work) Restore(s State, saved []model.NamedTensor) error {
	w.State = s
	if s.Encoders != 0 {
		if err := w.grow(s.Encoders); err != nil {
			return err
		}
	}
	byName := map[string]model.NamedTensor{}
	for _, t := range saved {
		byName[t.Name] = t
	}
	for _, live := range w.Tensors() {
		from, ok := byName[live.Name].Data.([]float32)
		to := live.Data.([]float32)
		if !ok || len(from) != len(to) {
			return fmt.Errorf("tensor %q holds %d float32 values, want %d", live.Name, len(from), len(to))
		}
		copy(to, from)
	}
	state := w.steps.opt.State()
	state.Step, w.saved = s.Step, s.Step
	return w.steps.opt.SetState(state)
}

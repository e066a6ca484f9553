package optim

import (
	"math"
	"testing"
)

func TestScheduleFactors(t *testing.T) {
	for _, c := range []struct {
		name string
		Schedule
		want []float64 // of step 0, 1, …
	}{
		{"linear", Schedule{Total: 7, Warmup: 2}, []float64{0.5, 1, 1, 0.8, 0.6, 0.4, 0.2, 0, 0}},
		{"authors'", Schedule{Total: 10, Warmup: 2, IBM: true}, []float64{0.5, 1, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0}},
		{"no warm-up", Schedule{Total: 4}, []float64{1, 0.75, 0.5, 0.25, 0}},
		{"authors', no warm-up", Schedule{Total: 4, IBM: true}, []float64{1, 0.75, 0.5, 0.25, 0}},
		{"one step", Schedule{Total: 1}, []float64{1, 0}},
		{"all warm-up", Schedule{Total: 4, Warmup: 4}, []float64{0.25, 0.5, 0.75, 1, 0}},
		{"nothing", Schedule{}, []float64{0, 0}},
	} {
		for step, want := range c.want {
			if got := c.At(step); math.Abs(got-want) > 1e-15 {
				t.Errorf("%s: factor of step %d is %v, want %v", c.name, step, got, want)
			}
		}
		if got := c.At(-1); got != 0 {
			t.Errorf("%s: factor of step -1 is %v, want 0", c.name, got)
		}
	}
}

// The travel budget of powerbert.md is about T/2 learning rates with linear
// warm-up and decay.
func TestScheduleSum(t *testing.T) {
	s := Schedule{Total: 1000, Warmup: 100}
	if got := s.Sum(); math.Abs(got-501) > 1e-9 {
		t.Errorf("sum of %v is %v, want (101 + 901)/2 = 501", s, got)
	}
	s.IBM = true // (101 + …)/2 of warm-up, then 0.9 down to 0.001 over 900 steps
	if got := s.Sum(); math.Abs(got-(50.5+405.45)) > 1e-9 {
		t.Errorf("sum of %v is %v, want 455.95", s, got)
	}
}

// A weight whose gradient never changes sign travels the budget, from which the
// warning before a search is made.
func TestTravelBudgetIsWhatAdamTravels(t *testing.T) {
	s := Schedule{Total: 400, Warmup: 40}
	p := &Param[float64]{Name: "r", Value: []float64{1000}, Grad: []float64{3e-4}}
	opt := NewAdamW(adam, Group[float64]{LR: 0.01, Params: []*Param[float64]{p}})
	for step := range s.Total {
		opt.SetScale(s.At(step))
		if err := opt.Step(); err != nil {
			t.Fatal(err)
		}
	}
	if travel, budget := 1000-p.Value[0], 0.01*s.Sum(); math.Abs(travel-budget) > 1e-3*budget {
		t.Errorf("the weight moved by %v, want the budget %v", travel, budget)
	}
}

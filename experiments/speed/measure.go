package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/internal/machine"
	"github.com/powerbert/powerbert/internal/turns"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/problem"
)

// tolerance is how far the outputs of two programs in float32 may be apart, and toleranceBF16
// the objectives of steps of which one reads bfloat16. toleranceInt8 is how far from float32's
// the outputs of lower precisions may be, as the mean divergence in nats.
const (
	tolerance     = 1e-4
	toleranceBF16 = 0.02
	toleranceInt8 = 0.005
)

// A Result is what the turns of a row came to.
type Result struct {
	Name   string       `json:"name"`
	Commit string       `json:"commit"`
	Date   string       `json:"date"`
	Others float64      `json:"cores_used_by_others"` // just before
	Texts  int          `json:"texts,omitempty"`      // of a run
	Sides  []SideResult `json:"sides"`
}

// A SideResult is what one side's turns came to. Ratio, Int8Ratio, Difference and Divergence
// compare it with the first side, and with ours in int8.
type SideResult struct {
	Side         string    `json:"side"`
	Work         string    `json:"work"`
	Cores        int       `json:"cores"`
	Version      string    `json:"version"`
	Way          string    `json:"way,omitempty"` // the fastest of what a peer can do
	Runs         int       `json:"runs_per_turn"`
	Milliseconds []float64 `json:"milliseconds"` // of a run, each turn
	Median       float64   `json:"median_ms"`
	PeakMB       float64   `json:"peak_mb,omitempty"`       // resident, of a process that does this alone
	MultiplyAdds float64   `json:"multiply_adds,omitempty"` // that ours executes for this work
	Ratio        *Interval `json:"ratio,omitempty"`         // of times, the first side's over this one's
	Int8Ratio    *Interval `json:"int8_ratio,omitempty"`    // of ours in int8 over this one's
	Difference   *float64  `json:"max_abs_diff,omitempty"`  // of outputs; nil where the works differ
	Divergence   float64   `json:"divergence,omitempty"`    // mean of KL(first ‖ this), in nats
	Float        bool      `json:"float32"`
	Own          bool      `json:"ours"`
}

// within tells whether a side answers as it should.
func (s *SideResult) within() bool { return s.Divergence <= toleranceInt8 }

// measure lets the sides of a row take turns. A peer that cannot run its model is left out,
// and said.
func (s *session) measure(ctx context.Context, r *Row) (result *Result, err error) {
	var processes []*process
	defer func() {
		for _, p := range processes {
			err = errors.Join(err, p.end())
		}
	}()
	if err := s.begin(&r.Sides[0].Work); err != nil {
		return nil, err
	}
	result = &Result{Name: r.Name, Commit: s.commit, Date: time.Now().UTC().Format("2006-01-02 15:04 MST"), Others: machine.BusyCores(time.Second)}
	for _, side := range r.Sides {
		p, err := s.start(ctx, side)
		if refusal := new(peer.Refusal); errors.As(err, &refusal) && side.Program != "ours" {
			slog.Warn("a peer cannot run a model", "peer", side, "row", r.Name, "error", refusal)
			continue
		} else if err != nil {
			return nil, fmt.Errorf("%s: %v: %w", r.Name, side, err)
		}
		processes = append(processes, p)
	}
	return result, result.measure(ctx, processes, s.turns)
}

// measure lets processes take turns: a run each to warm up, then as many turns as are
// wanted, each of a tenth of a second or more. Steps of training are as many on every side.
func (r *Result) measure(ctx context.Context, processes []*process, rounds int) error {
	for _, p := range processes {
		r.Sides = append(r.Sides, SideResult{Side: p.Side.String(), Work: p.Work.String(), Cores: p.Work.Cores, Version: p.ready.Version,
			Way: p.ready.Way, Runs: 1, MultiplyAdds: p.Work.multiplyAdds(), Float: p.float(), Own: p.Program == "ours"})
		if p.Work.Kind == kindTexts {
			r.Texts = p.Work.Batch
		}
	}
	took, err := r.take(ctx, processes, 1)
	if err != nil {
		return err
	}
	fastest := math.Inf(1)
	for _, milliseconds := range took {
		fastest = min(fastest, milliseconds[0])
	}
	for i, p := range processes {
		own := took[i][0]
		if p.Work.Kind == kindStep {
			own = fastest
		}
		r.Sides[i].Runs = max(1, int(math.Ceil(100/own)))
	}
	if took, err = r.take(ctx, processes, rounds); err != nil {
		return err
	}
	return r.conclude(took, processes)
}

// take lets each side take so many turns, compares what they put out round by round, and
// returns the milliseconds of a run.
func (r *Result) take(ctx context.Context, processes []*process, rounds int) (milliseconds [][]float64, err error) {
	outputs, sides := make([][][][]float32, len(processes)), make([]turns.Way, len(processes))
	for i, p := range processes {
		sides[i] = func(int) (float64, error) {
			time.Sleep(20 * time.Millisecond) // threads of the side before may spin for a while
			answer, err := p.turn(r.Sides[i].Runs)
			if err != nil {
				return 0, fmt.Errorf("%s: %v: %w", r.Name, p.Side, err)
			}
			outputs[i] = append(outputs[i], answer.Logits)
			return 1e3 * answer.Seconds, nil
		}
	}
	if milliseconds, err = turns.Take(ctx, turns.Rounds(rounds), sides); err != nil {
		return nil, err
	}
	for i := range r.Sides[1:] {
		for round, first := range outputs[0] {
			if err := r.compare(&r.Sides[i+1], first, outputs[i+1][round]); err != nil {
				return nil, err
			}
		}
	}
	return milliseconds, nil
}

// compare notes how far the outputs of a side are from the first side's, where they do the
// same work. It reports an error where one of float32, or ours in int8, is too far.
func (r *Result) compare(s *SideResult, first, outputs [][]float32) error {
	if s.Work != r.Sides[0].Work {
		return nil
	}
	if s.Difference == nil {
		s.Difference = new(float64)
	}
	*s.Difference = max(*s.Difference, difference(first, outputs))
	if allowed := r.allowed(s); !(*s.Difference <= allowed) {
		return fmt.Errorf("%s: outputs of %s and %s are %.1e apart, want at most %.0e", r.Name, s.Side, r.Sides[0].Side, *s.Difference, allowed)
	}
	if s.Float || math.IsInf(*s.Difference, 1) {
		return nil
	}
	said := &problem.Outputs{Kind: problem.Classification, Logits: first}
	s.Divergence = max(s.Divergence, said.Divergence(&problem.Outputs{Kind: problem.Classification, Logits: outputs}))
	if s.Own && !s.within() {
		return fmt.Errorf("%s: outputs of %s diverge by %.1e nats from those in float32, want at most %g", r.Name, s.Side, s.Divergence, toleranceInt8)
	}
	return nil
}

// allowed is how far the outputs of a side may be from the first side's; infinite where their
// divergence is bounded instead.
func (r *Result) allowed(s *SideResult) float64 {
	switch {
	case s.Float && r.Sides[0].Float:
		return tolerance
	case r.is("bf16"):
		return toleranceBF16
	}
	return math.Inf(1)
}

// difference is the largest between two lists of rows; infinite where they do not match.
func difference(a, b [][]float32) float64 {
	if len(a) != len(b) || len(a) == 0 {
		return math.Inf(1)
	}
	most := 0.0
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return math.Inf(1)
		}
		for k := range a[i] {
			most = max(most, math.Abs(float64(a[i][k])-float64(b[i][k]))) // NaN stays
		}
	}
	return most
}

// conclude works out what the turns came to.
func (r *Result) conclude(milliseconds [][]float64, processes []*process) (err error) {
	int8 := -1
	if len(processes) > 1 && processes[1].Program == "ours" && processes[1].int8() {
		int8 = 1
	}
	for i := range r.Sides {
		s := &r.Sides[i]
		s.Milliseconds, s.Median = milliseconds[i], metric.Median(milliseconds[i])
		if processes[i].own {
			if s.PeakMB, err = processes[i].peakMB(); err != nil {
				return err
			}
		}
		if i > 0 {
			s.Ratio = interval(metric.Ratios(milliseconds[0], s.Milliseconds))
		}
		if int8 > 0 && i > int8 {
			s.Int8Ratio = interval(metric.Ratios(milliseconds[int8], s.Milliseconds))
		}
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/machine"
	"github.com/powerbert/powerbert/internal/turns"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
)

// tolerance is how far the outputs of two programs may be apart.
const tolerance = 1e-4

// A Result is what the turns of a case came to.
type Result struct {
	Name   string       `json:"name"`
	Others float64      `json:"cores_used_by_others"` // just before
	Runs   int          `json:"runs_per_turn"`
	Sides  []SideResult `json:"sides"`
}

// A SideResult is what one side's turns came to. Ratio and Difference compare it
// with the first side.
type SideResult struct {
	Program      string    `json:"program"`
	Work         string    `json:"work"`
	Cores        int       `json:"cores"`
	Version      string    `json:"version"`
	Milliseconds []float64 `json:"milliseconds"` // of each turn
	Median       float64   `json:"median_ms"`
	PeakMB       float64   `json:"peak_mb"`                // resident
	MultiplyAdds float64   `json:"multiply_adds"`          // that ours executes for this work
	Ratio        *Interval `json:"ratio,omitempty"`        // of times, the first side's over this one's
	Difference   *float64  `json:"max_abs_diff,omitempty"` // of outputs; nil where the works differ
}

// A session measures cases, with models in one folder.
type session struct {
	folder string
	pairs  int
}

// measure lets the sides of a case take turns. Each is a process of its own, so
// that its peak of memory is this case's.
func (s *session) measure(ctx context.Context, c Case) (result *Result, err error) {
	var processes []*process
	defer func() {
		for _, p := range processes {
			err = errors.Join(err, p.Close())
		}
	}()
	others := machine.BusyCores(time.Second)
	for _, side := range c.Sides {
		p, err := s.start(ctx, side)
		if err != nil {
			return nil, err
		}
		processes = append(processes, p)
	}
	result = &Result{Name: c.Name, Others: others}
	return result, result.measure(ctx, processes, s.pairs)
}

// start starts a side's program on its model, which is made where it is not there.
func (s *session) start(ctx context.Context, side Side) (*process, error) {
	if side.Program == "onednn" {
		c, err := products(ctx, s.folder, side.Work)
		if err != nil {
			return nil, err
		}
		return start(side, c, side.Work.job(""))
	}
	path, err := s.model(side.Work.Size)
	if err == nil && side.Program == "onnx" {
		path, err = s.export(ctx, side.Work, path)
	}
	if err != nil {
		return nil, err
	}
	return start(side, command(ctx, side.Program), side.Work.job(path))
}

// model is the folder of the random weights of a size.
func (s *session) model(size string) (string, error) {
	path := filepath.Join(s.folder, size)
	if atomicfile.Exists(path) {
		return path, nil
	}
	c := config(size)
	p := model.NewParams[float32](c)
	p.Init(1)
	return path, model.Save(path, c, p)
}

// export has PyTorch write the model of a work for ONNX Runtime.
func (s *session) export(ctx context.Context, w Work, folder string) (string, error) {
	path := filepath.Join(s.folder, w.Size+"-"+w.Mode+".onnx")
	if atomicfile.Exists(path) {
		return path, nil
	}
	p, err := start(Side{"torch", w}, command(ctx, "torch"), w.job(folder))
	if err != nil {
		return "", err
	}
	err = p.Ask(map[string]string{"export": path}, &Answer{})
	return path, errors.Join(err, p.Close())
}

// measure lets processes take turns: two runs each to warm up, then as many pairs
// of turns as are wanted, each of a quarter of a second or more.
func (r *Result) measure(ctx context.Context, processes []*process, pairs int) error {
	for _, p := range processes {
		r.Sides = append(r.Sides, SideResult{Program: p.Program, Work: p.Work.String(), Cores: p.Work.Cores,
			Version: p.version, MultiplyAdds: p.Work.multiplyAdds()})
	}
	r.Runs = 1
	took, err := r.take(ctx, processes, 2)
	if err != nil {
		return err
	}
	fastest := math.Inf(1)
	for _, milliseconds := range took {
		fastest = min(fastest, milliseconds[1])
	}
	r.Runs = max(1, int(math.Ceil(250/fastest)))
	if took, err = r.take(ctx, processes, pairs); err != nil {
		return err
	}
	return r.conclude(took, processes)
}

// take lets each side take so many turns, of r.Runs runs, compares what they put out
// round by round, and returns the milliseconds of a run.
func (r *Result) take(ctx context.Context, processes []*process, rounds int) (milliseconds [][]float64, err error) {
	outputs, sides := make([][][]float32, len(processes)), make([]turns.Way, len(processes))
	for i, p := range processes {
		sides[i] = func(int) (float64, error) {
			time.Sleep(50 * time.Millisecond) // threads of the side before may spin for a while
			var answer Answer
			err := p.Ask(Turn{r.Runs}, &answer)
			outputs[i] = append(outputs[i], answer.Outputs)
			return 1e3 * answer.Seconds, err
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

// compare notes how far the outputs of a side are from the first side's, where
// they do the same work.
func (r *Result) compare(s *SideResult, first, outputs []float32) error {
	if s.Work != r.Sides[0].Work {
		return nil
	}
	if s.Difference == nil {
		s.Difference = new(float64)
	}
	*s.Difference = max(*s.Difference, difference(first, outputs))
	if !(*s.Difference <= tolerance) {
		return fmt.Errorf("%s: outputs of %s and %s are %.1e apart, want at most %.0e", r.Name, s.Program, r.Sides[0].Program, *s.Difference, tolerance)
	}
	return nil
}

// difference is the largest between two lists; infinite where they do not match.
func difference(a, b []float32) float64 {
	if len(a) != len(b) || len(a) == 0 {
		return math.Inf(1)
	}
	most := 0.0
	for i := range a {
		most = max(most, math.Abs(float64(a[i])-float64(b[i]))) // NaN stays
	}
	return most
}

// conclude works out what the turns came to.
func (r *Result) conclude(milliseconds [][]float64, processes []*process) (err error) {
	for i := range r.Sides {
		s := &r.Sides[i]
		s.Milliseconds, s.Median = milliseconds[i], metric.Median(milliseconds[i])
		if s.PeakMB, err = processes[i].peakMB(); err != nil {
			return err
		}
		if i > 0 {
			s.Ratio = interval(metric.Ratios(milliseconds[0], s.Milliseconds))
		}
	}
	return nil
}

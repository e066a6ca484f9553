// Package budget meets a price or a quality that is asked for: it chooses between models
// that were tried for it. It trains nothing itself.
package budget

import (
	"fmt"
	"math"
	"strconv"
)

// A Goal is what is wanted of a retention configuration. λ follows from it.
type Goal struct {
	By     string  `json:"by"` // BySpeedup or ByDrop
	Value  float64 `json:"value"`
	Low    float64 `json:"lambda_low"`  // the least λ to try
	High   float64 `json:"lambda_high"` // the largest
	Trials int     `json:"max_trials"`
}

// What a goal may be by.
const (
	// BySpeedup wants Value times fewer multiply-adds than BERT on the dev set,
	// neither padded.
	BySpeedup = "speedup"
	// ByDrop wants the fastest configuration that loses no more than Value points
	// (hundredths) of the dev metric in stage 3 against stage 1.
	ByDrop = "max_drop"
)

// The range of λ in the paper, and how many trials it takes to find one in it.
const (
	LowestLambda  = 1e-4
	HighestLambda = 1e-2
	DefaultTrials = 8
)

// How near is near enough: a speed-up that exceeds what was asked for by 2 %, or λ
// known within 2 % for a speed-up, 10 % for a drop, which is noisier.
const (
	nearSpeedup    = 1.02
	nearForSpeedup = 1.02
	nearForDrop    = 1.1
)

// rounding is what a difference of two metrics may be off: 0.978 − 0.968 is one point.
const rounding = 1e-9

// A Trial is a λ, and what came of it.
type Trial struct {
	Lambda    float64 `json:"lambda"`
	Retention []int   `json:"retention"`
	Speedup   float64 `json:"speedup"`        // in multiply-adds of the dev set, against BERT, neither padded
	Padded    float64 `json:"speedup_padded"` // the same, both padded
	Stage     string  `json:"stage"`          // the last stage it ran, of whose model Dev is
	Dev       float64 `json:"dev"`
	Drop      float64 `json:"drop"` // points of the metric below stage 1
	Seconds   float64 `json:"seconds"`
	Dir       string  `json:"dir"`
}

// Check refuses a goal that makes no sense.
func (g *Goal) Check() error {
	switch {
	case g.By == BySpeedup && !(g.Value > 1):
		return fmt.Errorf("a speed-up of %g, want more than 1", g.Value)
	case !(g.Value >= 0):
		return fmt.Errorf("a drop of %g points, want 0 or more", g.Value)
	case !(g.Low > 0 && g.Low <= g.High) || math.IsInf(g.High, 1):
		return fmt.Errorf("lambda from %g to %g, want a range above 0", g.Low, g.High)
	case g.Trials < 1:
		return fmt.Errorf("%d trials, want 1 or more", g.Trials)
	}
	return nil
}

// beyond tells whether a trial is as fast as the goal wants, or loses more than it
// allows: the λ looked for is no larger.
func (g *Goal) beyond(t *Trial) bool {
	if g.By == BySpeedup {
		return t.Speedup >= g.Value
	}
	return t.Drop > g.Value+rounding
}

// next is the λ to try after trials: from start on in steps of √10 until one trial
// is beyond the goal and one is not, then halfway between them, on a logarithmic
// scale. It reports false where λ is known, or lies outside the range.
func (g *Goal) next(start float64, trials []*Trial) (lambda float64, more bool) {
	low, high := 0.0, math.Inf(1) // the largest λ short of the goal, the least beyond it
	for _, t := range trials {
		if g.beyond(t) {
			high = min(high, t.Lambda)
		} else {
			low = max(low, t.Lambda)
		}
		if g.By == BySpeedup && g.beyond(t) && t.Speedup <= g.Value*nearSpeedup {
			return 0, false
		}
	}
	near := nearForDrop
	if g.By == BySpeedup {
		near = nearForSpeedup
	}
	start = min(max(start, g.Low), g.High)
	steps := math.Pow(10, float64(len(trials))/2) // all in one direction so far
	switch {
	case math.IsInf(high, 1):
		lambda = rounded(min(start*steps, g.High))
	case low == 0:
		lambda = rounded(max(start/steps, g.Low))
	default:
		lambda = rounded(math.Sqrt(low * high))
	}
	return lambda, lambda != low && lambda != high && high > low*near
}

// rounded is λ with three digits, as it is shown and typed.
func rounded(lambda float64) float64 {
	short, _ := strconv.ParseFloat(strconv.FormatFloat(lambda, 'g', 3, 64), 64)
	return short
}

// best is the trial to take: the slowest that is fast enough, or the fastest that
// loses no more than allowed. Where none is, it is the nearest, and reached is false.
func (g *Goal) best(trials []*Trial) (best *Trial, reached bool) {
	for _, t := range trials {
		ok := g.beyond(t) == (g.By == BySpeedup)
		if best == nil || ok && !reached || ok == reached && g.nearer(t, best, ok) {
			best, reached = t, ok
		}
	}
	return best, reached
}

// nearer compares two trials that reach the goal, or two that do not.
func (g *Goal) nearer(a, b *Trial, reached bool) bool {
	switch {
	case g.By == BySpeedup:
		return a.Speedup != b.Speedup && a.Speedup < b.Speedup == reached
	case reached:
		return a.Speedup > b.Speedup
	}
	return a.Drop < b.Drop
}

// String is the goal in words.
func (g *Goal) String() string {
	if g.By == BySpeedup {
		return fmt.Sprintf("%g× fewer multiply-adds than BERT, neither padded", g.Value)
	}
	return fmt.Sprintf("at most %g points of the dev metric lost", g.Value)
}

package budget

import (
	"fmt"
	"math"
	"slices"
)

// A Walk looks for the cheapest model that loses no more than so many points, from price
// to price, with the kind of candidate that won at the first (walk.json).
type Walk struct {
	MaxDrop float64  `json:"max_drop"` // points of the metric
	Metric  string   `json:"metric"`
	Choose  int      `json:"examples"` // that choose
	Dense   float64  `json:"finetune"` // the metric of stage 1's model on them
	Points  []*Point `json:"points"`
	Kept    *Point   `json:"kept"`    // the cheapest that holds, or, if none does, that which loses least
	Reached bool     `json:"reached"` // it holds
}

// A Point is a candidate, retrained whole.
type Point struct {
	Candidate
	Target  float64 `json:"target"`
	Value   float64 `json:"value"` // the metric on the examples that choose
	Drop    float64 `json:"drop"`  // points below stage 1 on them
	Dev     float64 `json:"dev"`   // the metric on dev, which decides nothing
	Seconds float64 `json:"seconds"`
	Dir     string  `json:"dir"` // of its stage 3
}

// Where a walk begins, how it goes on while nothing holds or everything does, and how many
// points it takes.
const (
	FirstTarget = 0.5
	dearer      = 0.5 // of the way to all multiply-adds
	cheaper     = 0.6 // times the price
	MostPoints  = 3
)

// rounding is what a difference of two metrics may be off: 0.978 − 0.968 is one point.
const rounding = 1e-9

// holds tells whether a point loses no more than is allowed.
func (w *Walk) holds(p *Point) bool { return p.Drop <= w.MaxDrop+rounding }

// Next is the price to try next; more is false at the end of the walk.
func (w *Walk) Next() (target float64, more bool) {
	low, high := 0.0, 1.0 // the dearest that loses too much, the cheapest that holds
	for _, p := range w.Points {
		if w.holds(p) {
			high = min(high, p.Target)
		} else {
			low = max(low, p.Target)
		}
	}
	switch {
	case len(w.Points) == 0:
		target = FirstTarget
	case low == 0:
		target = high * cheaper
	case high == 1:
		target = low + (1-low)*dearer
	default:
		target = math.Sqrt(low * high)
	}
	return math.Round(1000*target) / 1000, len(w.Points) < MostPoints && low < high
}

// Tried tells whether a candidate has been retrained already.
func (w *Walk) Tried(c *Candidate) bool {
	return slices.ContainsFunc(w.Points, func(p *Point) bool { return p.Same(c) })
}

// Settle takes the cheapest point that holds, and where none does the one that loses
// least.
func (w *Walk) Settle() {
	for _, p := range w.Points {
		if w.Kept == nil || w.better(p, w.Kept) {
			w.Kept = p
		}
	}
	w.Reached = w.holds(w.Kept)
}

func (w *Walk) better(a, b *Point) bool {
	if holds := w.holds(a); holds != w.holds(b) {
		return holds
	} else if holds {
		return a.Share < b.Share
	}
	return a.Drop < b.Drop
}

// Verdict says in words what was found.
func (w *Walk) Verdict() string {
	got := fmt.Sprintf("%v loses %.2f points on the %d examples that choose", &w.Kept.Candidate, w.Kept.Drop, w.Choose)
	if w.Reached {
		return fmt.Sprintf("at most %g points lost: %s", w.MaxDrop, got)
	}
	return fmt.Sprintf("no model was found that loses at most %g points; the nearest is in %s: %s; allow more with --max-drop, or ask for a price with --speedup", w.MaxDrop, w.Kept.Dir, got)
}

// Error is half the width of the 95 % interval of a drop that is measured on so many
// examples, in points, of two models that disagree on a tenth of them.
func Error(examples int) float64 { return 100 * 1.96 * math.Sqrt(disagree/float64(examples)) }

const disagree = 0.1

package problem

import (
	"math"
	"slices"
	"testing"
)

// A label, scores as they are, or a probability for each label.
func TestAnswer(t *testing.T) {
	logits := []float32{-1, 2, 0}
	odds := func(x float64) float64 { return math.Exp(x) / (1 + math.Exp(x)) }
	for kind, want := range map[Kind]struct {
		label   int
		targets []float64
	}{
		Classification: {1, nil}, MultipleChoice: {1, nil},
		Regression: {0, []float64{-1, 2, 0}},
		MultiLabel: {0, []float64{odds(-1), odds(2), 0.5}},
	} {
		label, targets := kind.Answer(logits)
		near := slices.EqualFunc(targets, want.targets, func(a, b float64) bool { return math.Abs(a-b) < 1e-15 })
		if label != want.label || !near {
			t.Errorf("%s: %d, %v, want %d, %v", kind, label, targets, want.label, want.targets)
		}
	}
}

package retention

import (
	"math"
	"slices"
	"testing"
)

// Two encoders of three ranks, summed by hand.
func TestMassAndPenalty(t *testing.T) {
	mass := Mass([]float64{1, 0.5, 0.25, 0.5, 0.5, 0}, 3)
	if want := []float64{1.75, 1}; !slices.Equal(mass, want) {
		t.Errorf("masses are %v, want %v", mass, want)
	}
	if got, want := Weights(3), []float64{1, 2, 3}; !slices.Equal(got, want) {
		t.Errorf("the encoders weigh %v, want %v as in the paper", got, want)
	}
	// 0.01·(1·1.75 + 2·1), 0.01·(3·1.75 + 0.5·1)
	for _, c := range []struct {
		weights []float64
		want    float64
	}{{Weights(2), 0.0375}, {[]float64{3, 0.5}, 0.0575}} {
		if got := Penalty(0.01, c.weights, mass); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("with weights %v the penalty is %v, want %v", c.weights, got, c.want)
		}
	}
}

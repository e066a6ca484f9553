package loss

import (
	"math"
	"slices"
	"testing"
)

// Two encoders of three ranks, summed by hand.
func TestMassAndPenalty(t *testing.T) {
	r := []float64{1, 0.5, 0.25, 0.5, 0.5, 0}
	mass := Mass(r, 3)
	if want := []float64{1.75, 1}; !slices.Equal(mass, want) {
		t.Errorf("masses are %v, want %v", mass, want)
	}
	// 0.01·(1·1.75 + 2·1)
	if got := Penalty(0.01, mass); math.Abs(got-0.0375) > 1e-15 {
		t.Errorf("penalty is %v, want 0.0375", got)
	}
}

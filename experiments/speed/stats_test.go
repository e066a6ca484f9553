package main

import (
	"math"
	"testing"
)

// The ranks and coverages are those of the tables of the binomial distribution:
// 1 − 2·P(Bin(n, ½) < k).
func TestInterval(t *testing.T) {
	for _, test := range []struct {
		n, low, high int
		median       float64
		coverage     float64
	}{
		{1, 1, 1, 1, 0},
		{2, 1, 2, 1.5, 0.5},
		{5, 1, 5, 3, 0.9375},
		{6, 1, 6, 3.5, 0.96875},
		{9, 2, 8, 5, 0.9609375},
		{15, 4, 12, 8, 0.96484375},
		{20, 6, 15, 10.5, 0.95861053},
		{25, 8, 18, 13, 1 - 2*726206./(1<<25)},
	} {
		values := make([]float64, test.n)
		for i := range values {
			values[i] = float64((i*7)%test.n + 1) // 1 … n in another order, for 7 divides no n
		}
		got := interval(values)
		if got.Median != test.median || got.Low != float64(test.low) || got.High != float64(test.high) || math.Abs(got.Coverage-test.coverage) > 1e-8 {
			t.Errorf("%d values: %+v, want %+v", test.n, got, test)
		}
	}
}

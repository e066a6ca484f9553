package kernel

import (
	"math"
	"slices"
	"testing"
)

func TestDropoutKeepsTheMean(t *testing.T) {
	const n = 200_000
	x, y := make([]float64, n), make([]float64, n)
	for i := range x {
		x[i] = 1
	}
	for _, rate := range []float64{0, 0.1, 0.5, 0.9} {
		Dropout(y, x, rate, 7, 3)
		dropped, sum := 0, 0.0
		for _, v := range y {
			if v == 0 {
				dropped++
			}
			sum += v
		}
		share := float64(dropped) / n
		if sd := math.Sqrt(rate * (1 - rate) / n); math.Abs(share-rate) > 5*sd+1e-5 {
			t.Errorf("rate %g: %g dropped", rate, share)
		}
		if math.Abs(sum/n-1) > 0.02 {
			t.Errorf("rate %g: mean %g, want 1", rate, sum/n)
		}
	}
}

// A mask is a function of seed and index alone: parts of it can be made apart,
// and in place.
func TestDropoutIsAFunctionOfTheIndex(t *testing.T) {
	x := make([]float32, 101)
	for i := range x {
		x[i] = float32(i + 1)
	}
	whole, parts := make([]float32, len(x)), slices.Clone(x)
	Dropout(whole, x, 0.3, 11, 6)
	for from := 0; from < len(x); from += 7 {
		to := min(from+7, len(x))
		Dropout(parts[from:to], parts[from:to], 0.3, 11, 6+from)
	}
	if !slices.Equal(whole, parts) {
		t.Error("the mask depends on how it is cut")
	}
	other := make([]float32, len(x))
	if Dropout(other, x, 0.3, 12, 6); slices.Equal(other, whole) {
		t.Error("another seed gives the same mask")
	}
}

func TestMixTellsItsPartsApart(t *testing.T) {
	seen := map[uint64]bool{}
	for a := range uint64(20) {
		for b := range uint64(20) {
			seen[Mix(1, a, b)] = true
		}
	}
	if len(seen) != 400 {
		t.Errorf("%d different seeds, want 400", len(seen))
	}
}

func BenchmarkDropout(b *testing.B) {
	x := make([]float32, 1<<14)
	b.SetBytes(4 << 14)
	for b.Loop() {
		Dropout(x, x, 0.1, 1, 0)
	}
}

// The vector kernel gives the bits of its twin, wherever a piece begins and ends.
func TestDropoutBits(t *testing.T) {
	x := normals[float32](300, 1)
	for _, rate := range []float64{0, 0.1, 0.5, 0.9999} {
		for at := range 9 {
			for _, n := range []int{0, 1, 3, 16, 31, 32, 33, 47, 64, 291} {
				want, got := make([]float32, n), make([]float32, n)
				dropoutNaive(want, x[:n], uint64(rate*(1<<16)+0.5), 99, at)
				eachLevel(func() {
					Dropout(got, x[:n], rate, 99, at)
					if !slices.Equal(got, want) {
						t.Fatalf("%v: rate %g, %d elements from %d on differ from the twin's", level, rate, n, at)
					}
				})
			}
		}
	}
}

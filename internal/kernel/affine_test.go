package kernel

import (
	"math"
	"slices"
	"sync"
	"testing"
	"time"
)

// affineNaive is Affine by its definition.
func affineNaive(y, x, w, bias []float64, rows, out, in, from, to int) {
	for i := range rows {
		for j := from; j < to; j++ {
			sum := bias[j]
			for p := range in {
				sum += x[i*in+p] * w[j*in+p]
			}
			y[i*out+j] = sum
		}
	}
}

func TestAffine(t *testing.T) {
	for _, s := range []struct{ rows, out, in, from, to int }{
		{1, 32, 5, 0, 32}, {13, 96, 40, 32, 96}, {15, 64, 800, 0, 64}, {29, 64, 1600, 32, 64}, {3, 33, 9, 0, 33}, {2, 7, 3, 0, 7},
	} {
		x, w, bias := normals[float32](s.rows*s.in, 1), normals[float32](s.out*s.in, 2), normals[float32](s.out, 3)
		old := normals[float32](s.rows*s.out, 4)
		want := widen(old)
		affineNaive(want, widen(x), widen(w), widen(bias), s.rows, s.out, s.in, s.from, s.to)
		eachLevel(func() {
			for _, packed := range []bool{false, true} {
				weights := Weights[float32]{Data: slices.Clone(w), Out: s.out, In: s.in}
				weights.Packed = packed && Pack(weights.Data, s.out, s.in)
				y := slices.Clone(old)
				Affine(y, x, weights, bias, s.rows, s.from, s.to, 0)
				for i, v := range want {
					if diff := math.Abs(float64(y[i]) - v); !(diff <= 1e-6*(float64(s.in)+8)) {
						t.Fatalf("%v, packed %v, %+v: y[%d,%d] = %g, want %g", level, packed, s, i/s.out, i%s.out, y[i], v)
					}
				}
			}
		})
	}
}

// Packing is in place and changes no bit of a product.
func TestPackChangesNoBits(t *testing.T) {
	const rows, out, in = 27, 96, 1000
	x, w, bias := normals[float32](rows*in, 1), normals[float32](out*in, 2), normals[float32](out, 3)
	plain, packed := make([]float32, rows*out), make([]float32, rows*out)
	Affine(plain, x, Weights[float32]{Data: w, Out: out, In: in}, bias, rows, 0, out, 0)
	if !Pack(w, out, in) {
		t.Skip("no tiles on this processor")
	}
	Affine(packed, x, Weights[float32]{Data: w, Out: out, In: in, Packed: true}, bias, rows, 0, out, 0)
	if !slices.Equal(plain, packed) {
		t.Error("the product of packed weights differs")
	}
}

func TestPackRefusesOddWidths(t *testing.T) {
	eachLevel(func() {
		w := normals[float32](33*4, 1)
		old := slices.Clone(w)
		if Pack(w, 33, 4) || !slices.Equal(w, old) {
			t.Errorf("%v: packed a matrix of 33 rows", level)
		}
	})
}

func TestShareRunsEveryPieceOnce(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 100} {
		done := make([]int, n)
		Share(n, func(i int) { done[i]++ })
		for i, d := range done {
			if d != 1 {
				t.Errorf("piece %d of %d ran %d times", i, n, d)
			}
		}
	}
	for wait := time.Now(); occupied.Load() != 0; time.Sleep(time.Millisecond) {
		if time.Since(wait) > 5*time.Second {
			t.Fatalf("%d cores stay occupied", occupied.Load())
		}
	}
}

// Several callers may share at once; each gets all its pieces done.
func TestShareOfManyCallers(t *testing.T) {
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for n := range 200 {
				done := make([]int, n)
				Share(n, func(i int) { done[i]++ })
				if slices.Contains(done, 0) {
					t.Errorf("of %d pieces some were not done", n)
				}
			}
		})
	}
	wait.Wait()
}

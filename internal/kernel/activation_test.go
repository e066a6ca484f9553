package kernel

import (
	"math"
	"testing"
)

// The errors that FastGELU and FastGELUTanh state, of the polynomial and of rounding,
// from where GELU is 0 to far out.
func TestFastGELU(t *testing.T) {
	for _, c := range []struct {
		f     Activation
		exact func(dst, x []float64)
		most  float64
	}{
		{FastGELU, geluNaive[float64], 1.7e-4},
		{FastGELUTanh, geluTanhNaive[float64], 1.5e-4},
	} {
		x := make([]float32, 24001)
		for i := range x {
			x[i] = float32(i)/1000 - 12
		}
		x = append(x, 1e3, -1e3, 1e30, -1e30, math.MaxFloat32, -math.MaxFloat32, 1e-30, -1e-30)
		want := make([]float64, len(x))
		c.exact(want, widen(x))
		var worst float64
		for i, v := range x {
			diff := math.Abs(float64(curveOf(curves[c.f], v)) - want[i])
			if !(diff <= c.most+1e-7*math.Abs(float64(v))) {
				t.Errorf("activation %d of %g is off by %g", c.f, v, diff)
			}
			if math.Abs(float64(v)) <= 12 {
				worst = max(worst, diff)
			}
		}
		if worst < 0.9*c.most {
			t.Errorf("activation %d is off by at most %g, but said to be by %g", c.f, worst, c.most)
		}
	}
}

// Zero stays zero, and what is infinite or NaN gives what GELU has for a limit.
func TestFastGELULimits(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, f := range []Activation{FastGELU, FastGELUTanh} {
		c := curves[f]
		if y := curveOf(c, 0); y != 0 {
			t.Errorf("activation %d of 0 is %g", f, y)
		}
		if y := curveOf(c, inf); y != inf {
			t.Errorf("activation %d of +Inf is %g", f, y)
		}
		if y := curveOf(c, -inf); !(math.Abs(float64(y)) < 1e-6) {
			t.Errorf("activation %d of -Inf is %g", f, y)
		}
		if y := curveOf(c, float32(math.NaN())); y == y {
			t.Errorf("activation %d of NaN is %g", f, y)
		}
	}
}

// Every kernel has the activation's bits at any element, limits included, in every row of a
// tile: those of a product of zeros, which its bias alone makes.
func TestActivationBits(t *testing.T) {
	inf := float32(math.Inf(1))
	x := append(grid[float32](6, 997), inf, -inf, 0, float32(math.NaN()), math.MaxFloat32, -1e-42)
	const rows, in = 14, 4
	for _, f := range []Activation{FastGELU, FastGELUTanh} {
		eachInt8Kernel(func(k *int8Kernel) {
			w, y := k.matrix(make([]int8, len(x)*in), make([]float32, len(x)), len(x), in), make([]float32, rows*len(x))
			w.Activated(y, make([]float32, rows*in), x, rows, f, nil)
			var product float32
			for i, v := range y {
				if want := curveOf(curves[f], product+x[i%len(x)]); math.Float32bits(v) != math.Float32bits(want) && !(v != v && want != want) {
					t.Fatalf("%s: activation %d of %g is %g, want %g", k.name, f, x[i%len(x)], v, want)
				}
			}
		})
	}
}

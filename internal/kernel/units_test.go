package kernel

import (
	"math"
	"testing"
)

// ReLU, SiLU and tanh with their gradients, by their definitions.
func TestUnits(t *testing.T) {
	x, dy := []float64{-800, -1.5, -0.25, 0, 0.25, 1.5, 800}, []float64{3, -2, 0.5, 7, 11, -13, 17}
	y, dx := make([]float64, len(x)), make([]float64, len(x))
	for name, c := range map[string]struct {
		f     func(dst, x []float64)
		grad  func(dx, dy, x []float64)
		at    func(x float64) float64
		slope func(x float64) float64
	}{
		"relu": {f: ReLU[float64], grad: ReLUGrad[float64], at: func(x float64) float64 { return math.Max(x, 0) }, slope: func(x float64) float64 {
			if x > 0 {
				return 1
			}
			return 0
		}},
		"silu": {f: SiLU[float64], grad: SiLUGrad[float64], at: func(x float64) float64 { return x / (1 + math.Exp(-x)) }, slope: func(x float64) float64 {
			e := math.Exp(-math.Abs(x)) // σ' is even
			s := 1 / (1 + math.Exp(-x))
			return s + x*e/((1+e)*(1+e))
		}},
		"tanh": {f: Tanh[float64], grad: TanhGrad[float64], at: math.Tanh, slope: func(x float64) float64 { return 1 / (math.Cosh(x) * math.Cosh(x)) }},
	} {
		c.f(y, x)
		c.grad(dx, dy, x)
		for i, v := range x {
			if want := c.at(v); math.Abs(y[i]-want) > 1e-15*math.Max(1, math.Abs(want)) {
				t.Errorf("%s of %g is %g, want %g", name, v, y[i], want)
			}
			if want := dy[i] * c.slope(v); math.Abs(dx[i]-want) > 1e-14 {
				t.Errorf("gradient of %s at %g is %g, want %g", name, v, dx[i], want)
			}
		}
	}
}

package kernel

import "math"

// GELU is the Gaussian error linear unit in its exact form:
//
//	dst = x·Φ(x) = x/2·(1 + erf(x/√2))
//
// dst may alias x.
func GELU[T Float](dst, x []T) { geluNaive(dst, x) }

// GELUGrad is the gradient of GELU: dx = dy·(Φ(x) + x·φ(x)), φ the normal density.
//
// dx may alias dy.
func GELUGrad[T Float](dx, dy, x []T) { geluGradNaive(dx, dy, x) }

// Tanh is dst = tanh(x). dst may alias x.
func Tanh[T Float](dst, x []T) { tanhNaive(dst, x) }

func geluNaive[T Float](dst, x []T) {
	for i, v := range x {
		dst[i] = T(float64(v) * normalCDF(float64(v)))
	}
}

func geluGradNaive[T Float](dx, dy, x []T) {
	for i, v := range x {
		v := float64(v)
		density := math.Exp(-v*v/2) / math.Sqrt(2*math.Pi)
		dx[i] = dy[i] * T(normalCDF(v)+v*density)
	}
}

// normalCDF is Φ, through erfc so that the left tail keeps its digits.
func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

func tanhNaive[T Float](dst, x []T) {
	for i, v := range x {
		dst[i] = T(math.Tanh(float64(v)))
	}
}

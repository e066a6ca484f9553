package kernel

import "math"

// ReLU is dst = max(x, 0). dst may alias x.
func ReLU[T Float](dst, x []T) {
	for i, v := range x {
		dst[i] = max(v, 0)
	}
}

// ReLUGrad is the gradient of ReLU: dx = dy where x > 0, and 0 elsewhere. dx may alias dy.
func ReLUGrad[T Float](dx, dy, x []T) {
	for i, v := range x {
		if v > 0 {
			dx[i] = dy[i]
		} else {
			dx[i] = 0
		}
	}
}

// SiLU is dst = x·σ(x), σ(x) = 1/(1 + exp(−x)). dst may alias x.
func SiLU[T Float](dst, x []T) {
	for i, v := range x {
		dst[i] = v * T(Sigmoid(float64(v)))
	}
}

// SiLUGrad is the gradient of SiLU: dx = dy·σ(x)·(1 + x·(1 − σ(x))). dx may alias dy.
func SiLUGrad[T Float](dx, dy, x []T) {
	for i, v := range x {
		s := Sigmoid(float64(v))
		dx[i] = dy[i] * T(s*(1+float64(v)*(1-s)))
	}
}

// Sigmoid is 1/(1 + exp(−x)).
func Sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

package kernel

import "math"

// LogSumExp is log Σ exp(x), without overflow.
func LogSumExp[T Float](x []T) float64 {
	top, sum := math.Inf(-1), 0.0
	for _, v := range x {
		top = math.Max(top, float64(v))
	}
	for _, v := range x {
		sum += math.Exp(float64(v) - top)
	}
	return top + math.Log(sum)
}

package kernel

import "math"

// Float is the element type of every kernel: float32 to work, float64 to verify.
type Float interface{ float32 | float64 }

func exp[T Float](x T) T  { return T(math.Exp(float64(x))) }
func sqrt[T Float](x T) T { return T(math.Sqrt(float64(x))) }

// even is the step of at most limit that cuts n into equal parts, but for rounding.
func even(n, limit int) int {
	parts := (n + limit - 1) / limit
	return (n + parts - 1) / parts
}

// Package kernel is the arithmetic of the model on plain slices: matrix product,
// softmax, LayerNorm, GELU, the optimiser's element-wise update.
//
// All matrices are row-major. Every kernel but Share runs on the goroutine that calls
// it and keeps no shared mutable scratch, so several goroutines may call kernels at
// once: training parallelises over workers, and an operation is cut into pieces by
// Share (share.go) where cores are idle. The same arguments
// always give the same bits, wherever the slices lie in memory.
//
// Each kernel exists twice. The naive twin is the definition: a few lines that read
// as the equation, used by the tests as the reference. The fast one is what callers
// get: Go assembly for float32 where the processor has it, blocked Go elsewhere.
//
// Letters: rows and cols are those of the matrix at hand; a row of x is contiguous
// and rows follow one another without a gap unless a function takes a leading
// dimension (ld: the distance between the starts of two rows, in elements).
//
// Kernels trust their shapes, which the layers above have checked: a slice that is
// too short panics as any Go index does.
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

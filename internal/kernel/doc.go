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
//
// To read it: kernel.go has the element type, matrix.go what a linear layer's weights can be.
// Then one kernel from end to end: softmax.go is the plain one, gemm.go with panels.go, tiles.go
// and, without assembly, gemm_blocked.go the largest, bf16.go the definition of those of
// bfloat16, which precision.go hands out, int8.go that of products of bytes, which
// int8_multiply.go, int8_matrix.go and a file per processor carry out. attend.go is a head of
// attention from queries to outputs, of float32 or bfloat16, select.go what word-vector
// elimination adds: significance, and which rows go on.
package kernel

package kernel

import (
	"runtime"
	"unsafe"
)

// Gemm is the matrix product C = op(A)·op(B), or C += op(A)·op(B) if accumulate is
// set, where op(X) is X or, if transX is set, its transpose.
//
// Shapes: op(A) (m, k), op(B) (k, n), C (m, n), with leading dimensions lda, ldb,
// ldc of A, B, C as they lie in memory. C must not overlap A or B. Without accumulate
// the old contents of C are never read; k = 0 then clears it.
//
// Except with OpenBLAS, an element of C is the same chain of additions whatever m, n
// and its place in C are: the rows of a batch do not change one another's bits.
func Gemm[T Float](transA, transB bool, m, n, k int, a []T, lda int, b []T, ldb int, c []T, ldc int, accumulate bool) {
	g := product[T]{transA: transA, transB: transB, m: m, n: n, k: k, a: a, lda: lda, b: b, ldb: ldb, c: c, ldc: ldc, accumulate: accumulate}
	g.check()
	if m <= 0 || n <= 0 {
		return
	}
	if k <= 0 {
		g.clear()
		return
	}
	g.compute()
}

// compute computes a product that is not empty. It passes g on by value: compiled for
// other packages, generic code moves to the heap what it passes on by pointer.
func (g *product[T]) compute() {
	if single[T]() {
		gemm32(*(*product[float32])(unsafe.Pointer(g)))
	} else {
		gemm64(*(*product[float64])(unsafe.Pointer(g)))
	}
}

// Backend names what Gemm runs float32 products on: "go-avx512", "go-avx2", "go-neon", "go"
// or "openblas".
func Backend() string { return backend() }

// Arithmetic names what computes: machines of one name compute the same bits, but for
// OpenBLAS, which chooses by itself, and lay out frozen weights alike.
func Arithmetic() string { return runtime.GOARCH + " " + level.String() + " " + backend() }

// product is one call of Gemm.
type product[T Float] struct {
	transA, transB bool
	m, n, k        int
	a              []T
	lda            int
	b              []T
	ldb            int
	c              []T
	ldc            int
	accumulate     bool
	bias           []T  // added to every row of C, unless it accumulates; nil: none
	packed         bool // b is panels, as Pack lays them out
	others         int  // columns after these that other cores work on
}

// check touches the last element of every matrix, so that a slice that is too short
// panics here and not as a stray write of a kernel that checks no bounds.
func (g *product[T]) check() {
	last := func(x []T, rows, cols, ld int, trans bool) {
		if trans {
			rows, cols = cols, rows
		}
		if rows > 0 && cols > 0 {
			_ = x[(rows-1)*ld+cols-1]
		}
	}
	last(g.a, g.m, g.k, g.lda, g.transA)
	last(g.b, g.k, g.n, g.ldb, g.transB)
	last(g.c, g.m, g.n, g.ldc, false)
}

// clear is the product over k = 0.
func (g *product[T]) clear() {
	if g.accumulate {
		return
	}
	for i := range g.m {
		clear(g.c[i*g.ldc : i*g.ldc+g.n])
	}
}

// addBias adds the bias to a product that was computed without.
func (g *product[T]) addBias() {
	for i := range g.m {
		Add(g.c[i*g.ldc:i*g.ldc+g.n], g.bias)
	}
}

// gemmNaive is Gemm by its definition.
func gemmNaive[T Float](g *product[T]) {
	for i := range g.m {
		for j := range g.n {
			var sum T
			for p := range g.k {
				sum += at(g.a, g.lda, g.transA, i, p) * at(g.b, g.ldb, g.transB, p, j)
			}
			if g.accumulate {
				sum += g.c[i*g.ldc+j]
			}
			g.c[i*g.ldc+j] = sum
		}
	}
}

// at is element (i, j) of op(x).
func at[T Float](x []T, ld int, trans bool, i, j int) T {
	if trans {
		i, j = j, i
	}
	return x[i*ld+j]
}

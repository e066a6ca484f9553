package kernel

// Gemm is the matrix product C = op(A)·op(B), or C += op(A)·op(B) if accumulate is
// set, where op(X) is X or, if transX is set, its transpose.
//
// Shapes: op(A) (m, k), op(B) (k, n), C (m, n), with leading dimensions lda, ldb,
// ldc of A, B, C as they lie in memory. C must not overlap A or B. Without accumulate
// the old contents of C are never read; k = 0 then clears it.
func Gemm[T Float](transA, transB bool, m, n, k int, a []T, lda int, b []T, ldb int, c []T, ldc int, accumulate bool) {
	gemmNaive(transA, transB, m, n, k, a, lda, b, ldb, c, ldc, accumulate)
}

// Backend names what Gemm runs float32 products on: "go-avx512", "go-avx2", "go"
// or "openblas".
func Backend() string { return "go" }

// gemmNaive is Gemm by its definition.
func gemmNaive[T Float](transA, transB bool, m, n, k int, a []T, lda int, b []T, ldb int, c []T, ldc int, accumulate bool) {
	at := func(x []T, ld int, trans bool, i, j int) T {
		if trans {
			i, j = j, i
		}
		return x[i*ld+j]
	}
	for i := range m {
		for j := range n {
			var sum T
			for p := range k {
				sum += at(a, lda, transA, i, p) * at(b, ldb, transB, p, j)
			}
			if accumulate {
				sum += c[i*ldc+j]
			}
			c[i*ldc+j] = sum
		}
	}
}

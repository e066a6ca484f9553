//go:build openblas && cgo

package openblas

/*
#cgo pkg-config: openblas
#include <cblas.h>
*/
import "C"

// The program parallelises over workers, so OpenBLAS keeps to the calling thread.
func init() { C.openblas_set_num_threads(1) }

// Gemm32 is C = op(A)·op(B) + beta·C in float32, row-major; op(A) is (m, k), op(B)
// (k, n), and no dimension may be 0.
func Gemm32(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	C.cblas_sgemm(C.CblasRowMajor, op(transA), op(transB), C.blasint(m), C.blasint(n), C.blasint(k),
		1, (*C.float)(&a[0]), C.blasint(lda), (*C.float)(&b[0]), C.blasint(ldb),
		C.float(beta), (*C.float)(&c[0]), C.blasint(ldc))
}

// Gemm64 is Gemm32 in float64.
func Gemm64(transA, transB bool, m, n, k int, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	C.cblas_dgemm(C.CblasRowMajor, op(transA), op(transB), C.blasint(m), C.blasint(n), C.blasint(k),
		1, (*C.double)(&a[0]), C.blasint(lda), (*C.double)(&b[0]), C.blasint(ldb),
		C.double(beta), (*C.double)(&c[0]), C.blasint(ldc))
}

func op(trans bool) uint32 {
	if trans {
		return C.CblasTrans
	}
	return C.CblasNoTrans
}

//go:build openblas && cgo

package kernel

import "github.com/powerbert/powerbert/internal/kernel/openblas"

func backend() string { return "openblas" }

func gemm32(g product[float32]) {
	if g.packed || small(&g) {
		gemmSIMD(&g)
		return
	}
	openblas.Gemm32(g.transA, g.transB, g.m, g.n, g.k, g.a, g.lda, g.b, g.ldb, beta(&g), g.c, g.ldc)
	if g.bias != nil {
		g.addBias()
	}
}

// small reports whether the Go tiles are faster. Where there is assembly OpenBLAS wins
// at the size of BERT-base's feed-forward layers only (see BenchmarkGemm), where there
// is none as soon as the call into C pays.
func small(g *product[float32]) bool {
	limit := 1 << 31
	if level == scalar {
		limit = 8 * 8 * 8
	}
	return g.m*g.n*g.k < limit
}

func gemm64(g product[float64]) {
	openblas.Gemm64(g.transA, g.transB, g.m, g.n, g.k, g.a, g.lda, g.b, g.ldb, beta(&g), g.c, g.ldc)
	if g.bias != nil {
		g.addBias()
	}
}

// beta is what OpenBLAS multiplies the old C by; it overwrites C unread if that is 0.
func beta[T Float](g *product[T]) T {
	if g.accumulate {
		return 1
	}
	return 0
}

package kernel

import (
	"fmt"
	"testing"
)

// Element-wise kernels over the feed-forward rows of 200 tokens (F 512), the
// attention rows of a sentence and the LayerNorm rows of both models.
func BenchmarkElementWise(b *testing.B) {
	const n = 200 * 512
	x, y, z, u := normals[float32](n, 1), normals[float32](n, 2), normals[float32](n, 3), normals[float32](n, 4)
	perElement(b, "GELU", n, func() { GELU(x, y) })
	perElement(b, "GELUGrad", n, func() { GELUGrad(x, y, z) })
	perElement(b, "GELUTanh", n, func() { GELUTanh(x, y) })
	perElement(b, "GELUTanhGrad", n, func() { GELUTanhGrad(x, y, z) })
	perElement(b, "Tanh", n, func() { Tanh(x, y) })
	perElement(b, "ColSums", n, func() { ColSums(x, y, 200, 512) })
	perElement(b, "Sum", n, func() { Sum(x, y, z) })
	perElement(b, "Scale", n, func() { Scale(x, y, 0.5) })
	perElement(b, "Dot", n, func() { Dot(y, z) })
	perElement(b, "SumSquares", n, func() { SumSquares(y) })
	perElement(b, "AdamW", n, func() { AdamW(x, y, u, z, 1e-3, 0.9, 0.999, 1e-8, 0, 0.1, 0.1) })
}

func BenchmarkSoftmax(b *testing.B) {
	for _, n := range []int{8, 13, 25, 64, 128} {
		p, dp := normals[float32](n*n, 1), normals[float32](n*n, 2)
		perElement(b, fmt.Sprintf("%dx%d", n, n), n*n, func() { Softmax(p, n, n, n, 0.125, n) })
		perElement(b, fmt.Sprintf("grad%dx%d", n, n), n*n, func() { SoftmaxGrad(dp, p, dp, n, n, 0.125) })
	}
}

// What a sentence's word-vectors are chosen by, of one head and of all.
func BenchmarkSelect(b *testing.B) {
	for _, n := range []int{13, 64, 128} {
		p, sig := normals[float32](n*n, 1), normals[float32](n, 2)
		order, rank := make([]int32, n), make([]int32, n)
		perElement(b, fmt.Sprintf("Significance%d", n), n*n, func() { Significance(sig, p, n, n, false) })
		perElement(b, fmt.Sprintf("Order%d", n), n, func() { Order(order, sig, nil, n, false) })
		perElement(b, fmt.Sprintf("Ranks%d", n), n, func() { Ranks(rank, order) })
		rows := normals[float32](n*768, 3)
		perElement(b, fmt.Sprintf("Gather%d", n), n*768, func() { Gather(rows, rows, 768, rank) })
		perElement(b, fmt.Sprintf("ScatterAdd%d", n), n*768, func() { ScatterAdd(rows, rows, 768, rank) })
	}
}

func BenchmarkLayerNorm(b *testing.B) {
	for _, cols := range []int{128, 768} {
		n := randomNorm[float32](200, cols)
		perElement(b, fmt.Sprint(cols), 200*cols, func() {
			LayerNorm(n.y, n.x, n.gamma, n.beta, n.rows, n.cols, 1e-12, n.mean, n.rstd)
		})
		perElement(b, fmt.Sprint("grad", cols), 200*cols, func() {
			LayerNormGrad(n.dx, n.dgamma, n.dbeta, n.dy, n.x, n.gamma, n.mean, n.rstd, n.rows, n.cols)
		})
	}
}

// perElement reports the time of f, which handles n elements, per element.
func perElement(b *testing.B, name string, n int, f func()) {
	b.Run(name, func(b *testing.B) {
		for b.Loop() {
			f()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/element")
	})
}

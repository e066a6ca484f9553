package kernel

import "fmt"

// Precision names what the products of linear layers read while these learn: the layers'
// inputs, weights and gradients as they are, or rounded.
type Precision string

// The precisions. Sums are float32 in both.
const (
	Float32 Precision = "float32"
	BF16    Precision = "bf16" // bfloat16: 8 significant bits (bf16.go)
)

// BF16Backend names what computes products of bfloat16: "avx512bf16", or "go" where the
// processor has no instructions for them. The bits are the same.
func BF16Backend() string {
	if hasBF16 {
		return "avx512bf16"
	}
	return "go"
}

// BF16Pays tells whether products of bfloat16 are faster here than those of float32.
func BF16Pays() bool { return hasBF16 }

// Products computes the three products of a linear layer that learns, y = x·wᵀ + bias and
// its gradients, in one precision.
//
// Shapes: x, dx (rows, in), y, dy (rows, out), w, dw (out, in).
type Products[T Float] interface {
	// Forward computes y, with the help of each.
	Forward(y, x, bias []T, rows int, w Rows[T], each Each)
	// Inputs computes dx = dy·w.
	Inputs(dx, dy []T, rows int, w Rows[T])
	// Weights computes dw = dyᵀ·x, or adds it to what is there.
	Weights(dw Rows[T], dy, x []T, rows int, add bool)
}

// ProductsOf returns the products of a precision; "" is float32, or whatever T is. It
// reports bf16 of float64, and words that are none.
func ProductsOf[T Float](p Precision) (Products[T], error) {
	switch p {
	case "", Float32:
		return Exact[T]{}, nil
	case BF16:
		if products, ok := any(rounded{}).(Products[T]); ok {
			return products, nil
		}
		return nil, fmt.Errorf("precision %s is one of float32, and this network is of float64", p)
	}
	return nil, fmt.Errorf("precision is %q, want %s or %s", p, Float32, BF16)
}

// Exact multiplies what there is as it is.
type Exact[T Float] struct{}

// Forward is that of Products.
func (Exact[T]) Forward(y, x, bias []T, rows int, w Rows[T], each Each) {
	w.Affine(y, x, bias, rows, each)
}

// Inputs is that of Products.
func (Exact[T]) Inputs(dx, dy []T, rows int, w Rows[T]) {
	Gemm(false, false, rows, w.In, w.Out, dy, w.Out, w.Data, w.In, dx, w.In, false)
}

// Weights is that of Products.
func (Exact[T]) Weights(dw Rows[T], dy, x []T, rows int, add bool) {
	Gemm(true, false, dw.Out, dw.In, rows, dy, dw.Out, x, dw.In, dw.Data, dw.In, add)
}

// rounded multiplies bfloat16.
type rounded struct{}

func (rounded) Forward(y, x, bias []float32, rows int, w Rows[float32], _ Each) {
	bf16(product[float32]{transB: true, m: rows, n: w.Out, k: w.In, a: x, lda: w.In, b: w.Data, ldb: w.In, c: y, ldc: w.Out, bias: bias})
}

func (rounded) Inputs(dx, dy []float32, rows int, w Rows[float32]) {
	bf16(product[float32]{m: rows, n: w.In, k: w.Out, a: dy, lda: w.Out, b: w.Data, ldb: w.In, c: dx, ldc: w.In})
}

func (rounded) Weights(dw Rows[float32], dy, x []float32, rows int, add bool) {
	bf16(product[float32]{transA: true, m: dw.Out, n: dw.In, k: rows, a: dy, lda: dw.Out, b: x, ldb: dw.In, c: dw.Data, ldc: dw.In, accumulate: add})
}

// bf16 computes a product of bfloat16. Nothing is added to an old C by a product of no
// depth, as Gemm has it.
func bf16(g product[float32]) {
	g.check()
	switch {
	case g.m <= 0 || g.n <= 0:
	case g.k <= 0:
		g.clear()
	case hasBF16:
		bf16SIMD(&g)
	default:
		bf16Naive(&g)
	}
}

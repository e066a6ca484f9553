package kernel

import (
	"fmt"
	"slices"
	"testing"
)

// norm is one LayerNorm and its gradient.
type norm[T Float] struct {
	rows, cols         int
	x, gamma, beta, dy []T
	y, mean, rstd      []T
	dx, dgamma, dbeta  []T
}

func randomNorm[T Float](rows, cols int) *norm[T] {
	n := &norm[T]{rows: rows, cols: cols}
	n.x, n.dy = normals[T](rows*cols, 1), normals[T](rows*cols, 2)
	n.gamma, n.beta = normals[T](cols, 3), normals[T](cols, 4)
	for i := range n.x {
		n.x[i] = 3*n.x[i] + 5
	}
	return n.fresh()
}

// fresh has the inputs of n and outputs that still hold something.
func (n *norm[T]) fresh() *norm[T] {
	m := *n
	m.y, m.dx = normals[T](len(n.x), 5), normals[T](len(n.x), 6)
	m.mean, m.rstd = make([]T, n.rows), make([]T, n.rows)
	m.dgamma, m.dbeta = normals[T](n.cols, 7), normals[T](n.cols, 8)
	return &m
}

func (n *norm[T]) run() {
	LayerNorm(n.y, n.x, n.gamma, n.beta, n.rows, n.cols, 1e-12, n.mean, n.rstd)
	LayerNormGrad(n.dx, n.dgamma, n.dbeta, n.dy, n.x, n.gamma, n.mean, n.rstd, n.rows, n.cols)
}

// wide is n in float64; its run goes to the naive twins.
func (n *norm[T]) wide() *norm[float64] {
	m := norm[float64]{rows: n.rows, cols: n.cols, x: widen(n.x), gamma: widen(n.gamma), beta: widen(n.beta), dy: widen(n.dy)}
	return m.fresh()
}

func testLayerNorm[T Float](t *testing.T) {
	for _, cols := range lengths[2:] { // one column has no variance, two leave only a sign
		n := randomNorm[T](5, cols)
		want := n.wide()
		want.run()
		eachLevel(func() {
			got := n.fresh()
			got.run()
			what := fmt.Sprintf("LayerNorm of %d columns: ", cols)
			closeTo(t, what+"y", got.y, want.y, tolerance[T](2e-5))
			closeTo(t, what+"mean", got.mean, want.mean, tolerance[T](1e-7))
			closeTo(t, what+"rstd", got.rstd, want.rstd, tolerance[T](1e-5))
			closeTo(t, what+"dx", got.dx, want.dx, tolerance[T](1e-4))
			closeTo(t, what+"dgamma", got.dgamma, want.dgamma, tolerance[T](2e-5))
			closeTo(t, what+"dbeta", got.dbeta, want.dbeta, tolerance[T](1e-6))
		})
	}
}

func TestLayerNorm(t *testing.T) {
	testLayerNorm[float32](t)
	testLayerNorm[float64](t)
}

// A row far from zero keeps its variance: 4096 + {0, 1, 2, …}/8 is exact in float32.
func TestLayerNormFarFromZero(t *testing.T) {
	const cols = 37
	x, ones, zeros := make([]float32, cols), make([]float32, cols), make([]float32, cols)
	want := make([]float64, cols)
	for j := range x {
		x[j], want[j], ones[j] = 4096+float32(j)/8, float64(j)/8, 1
	}
	one := make([]float64, 1)
	LayerNorm(want, want, widen(ones), widen(zeros), 1, cols, 0, one, make([]float64, 1))
	eachLevel(func() {
		got, m := make([]float32, cols), make([]float32, 2)
		LayerNorm(got, x, ones, zeros, 1, cols, 0, m, m[1:])
		closeTo(t, "y", got, want, 1e-4)
	})
}

func TestLayerNormInPlace(t *testing.T) {
	eachLevel(func() {
		n := randomNorm[float32](3, 29)
		n.run()
		m := n.fresh()
		m.y, m.dx = slices.Clone(n.x), slices.Clone(n.dy)
		LayerNorm(m.y, m.y, m.gamma, m.beta, m.rows, m.cols, 1e-12, m.mean, m.rstd)
		same(t, "LayerNorm in place", m.y, n.y)
		LayerNormGrad(m.dx, m.dgamma, m.dbeta, m.dx, m.x, m.gamma, m.mean, m.rstd, m.rows, m.cols)
		same(t, "its gradient in place", m.dx, n.dx)
	})
}

// The rows of a batch do not change one another's bits.
func TestLayerNormBitsDoNotDependOnPlace(t *testing.T) {
	eachLevel(func() {
		whole := randomNorm[float32](7, 45)
		whole.run()
		row := whole.fresh()
		row.rows, row.x, row.dy = 1, whole.x[3*45:4*45], whole.dy[3*45:4*45]
		row.run()
		same(t, "y", row.y[:45], whole.y[3*45:4*45])
		same(t, "dx", row.dx[:45], whole.dx[3*45:4*45])
	})
}

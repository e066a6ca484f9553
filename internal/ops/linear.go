package ops

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Linear is y = x·wᵀ + b.
//
// Shapes: x (n, in), w (out, in), b (out); y (n, out).
func Linear[T kernel.Float](x, w, b *G.Node) (*G.Node, error) {
	shape := tensor.Shape{x.Shape()[0], w.Shape()[0]}
	return apply("linear", &linear[T]{}, shape, []bool{true, true, true}, x, w, b)
}

type linear[T kernel.Float] struct{ y buffer[T] }

func (l *linear[T]) compute(in []Mat[T]) Mat[T] {
	x, w, b := in[0], in[1], in[2]
	y := l.y.mat(x.Rows, w.Rows)
	kernel.Gemm(false, true, x.Rows, w.Rows, x.Cols, x.Data, x.Cols, w.Data, w.Cols, y.Data, y.Cols, false)
	kernel.AddBias(y.Data, y.Rows, y.Cols, b.Data)
	return y
}

func (l *linear[T]) gradient(in G.Nodes, _, dy *G.Node) (G.Nodes, error) {
	x, w, b := in[0], in[1], in[2]
	dx, err := apply("linear.dx", &linearDX[T]{}, x.Shape(), nil, dy, w)
	if err != nil {
		return nil, err
	}
	dw, err := apply("linear.dw", &linearDW[T]{}, w.Shape(), nil, dy, x)
	if err != nil {
		return nil, err
	}
	db, err := apply("linear.db", &colSums[T]{}, b.Shape(), nil, dy)
	return G.Nodes{dx, dw, db}, err
}

// linearDX is dx = dy·w.
type linearDX[T kernel.Float] struct{ dx buffer[T] }

func (l *linearDX[T]) compute(in []Mat[T]) Mat[T] {
	dy, w := in[0], in[1]
	dx := l.dx.mat(dy.Rows, w.Cols)
	kernel.Gemm(false, false, dy.Rows, w.Cols, w.Rows, dy.Data, dy.Cols, w.Data, w.Cols, dx.Data, dx.Cols, false)
	return dx
}

// linearDW is dw = dyᵀ·x.
type linearDW[T kernel.Float] struct{ dw buffer[T] }

func (l *linearDW[T]) compute(in []Mat[T]) Mat[T] {
	dy, x := in[0], in[1]
	dw := l.dw.mat(dy.Cols, x.Cols)
	kernel.Gemm(true, false, dy.Cols, x.Cols, dy.Rows, dy.Data, dy.Cols, x.Data, x.Cols, dw.Data, dw.Cols, false)
	return dw
}

// colSums is db = Σ_i dy[i,:].
type colSums[T kernel.Float] struct{ db buffer[T] }

func (c *colSums[T]) compute(in []Mat[T]) Mat[T] {
	db := c.db.mat(1, in[0].Cols)
	kernel.ColSums(db.Data, in[0].Data, in[0].Rows, in[0].Cols)
	return db
}

package ops

import (
	"runtime"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Linear is y = x·wᵀ + b. Where packed is set, the memory of w is laid out by
// kernel.Pack, and there is no gradient.
//
// Shapes: x (n, in), w (out, in), b (out); y (n, out).
func Linear[T kernel.Float](packed bool, x, w, b *Node) (*Node, error) {
	shape := Shape{x.Shape()[0], w.Shape()[0]}
	return Apply("linear", &linear[T]{packed: packed}, shape, x, w, b)
}

type linear[T kernel.Float] struct{ packed bool }

func (l *linear[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	x, w, b := in[0], in[1], in[2]
	y := m.Mat(x.Rows, w.Rows)
	weights := kernel.Weights[T]{Data: w.Data, Out: w.Rows, In: w.Cols, Packed: l.packed}
	size := max(x.Rows, readRows) * w.Rows * w.Cols
	if !m.work.worth(size) {
		kernel.Affine(y.Data, x.Data, weights, b.Data, x.Rows, 0, w.Rows, 0)
		return y
	}
	cols := kernel.AffineCols(x.Rows)
	others := cols * (runtime.GOMAXPROCS(0) - 1)
	m.work.each((w.Rows+cols-1)/cols, size, func(i int) {
		kernel.Affine(y.Data, x.Data, weights, b.Data, x.Rows, i*cols, min((i+1)*cols, w.Rows), others)
	})
	return y
}

// readRows is how many rows are multiplied in the time that the weights take to
// come from memory: fewer do not take less.
const readRows = 8

func (l *linear[T]) Gradient(in Nodes, _, dy *Node) (Nodes, error) {
	x, w, b := in[0], in[1], in[2]
	dx, err := Apply("linear.dx", linearDX[T]{}, x.Shape(), dy, w)
	if err != nil {
		return nil, err
	}
	dw, err := Apply("linear.dw", &linearDW[T]{}, w.Shape(), dy, x)
	if err != nil {
		return nil, err
	}
	db, err := Apply("linear.db", &colSums[T]{}, b.Shape(), dy)
	return Nodes{dx, dw, db}, err
}

// linearDX is dx = dy·w.
type linearDX[T kernel.Float] struct{}

func (linearDX[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	dy, w := in[0], in[1]
	dx := m.Mat(dy.Rows, w.Cols)
	kernel.Gemm(false, false, dy.Rows, w.Cols, w.Rows, dy.Data, dy.Cols, w.Data, w.Cols, dx.Data, dx.Cols, false)
	return dx
}

// linearDW is dw = dyᵀ·x.
type linearDW[T kernel.Float] struct{ to *addend[T] }

func (l *linearDW[T]) addTo(a *addend[T]) { l.to = a }

func (l *linearDW[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	dy, x := in[0], in[1]
	dw, add := Mat[T]{dy.Cols, x.Cols, nil}, false
	if l.to == nil {
		dw = m.Mat(dy.Cols, x.Cols)
	} else {
		dw.Data, add = l.to.turn()
		defer l.to.done()
	}
	kernel.Gemm(true, false, dy.Cols, x.Cols, dy.Rows, dy.Data, dy.Cols, x.Data, x.Cols, dw.Data, dw.Cols, add)
	return dw
}

// colSums is db = Σ_i dy[i,:].
type colSums[T kernel.Float] struct{ to *addend[T] }

func (c *colSums[T]) addTo(a *addend[T]) { c.to = a }

func (c *colSums[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	db := m.Mat(1, in[0].Cols)
	kernel.ColSums(db.Data, in[0].Data, in[0].Rows, in[0].Cols)
	if c.to != nil {
		c.to.put(db.Data)
	}
	return db
}

package ops

import (
	"fmt"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Linear is y = x·wᵀ + b; a nil b is 0. It and its gradients are multiplied by by.
//
// Shapes: x (n, in), w (out, in), b (out); y (n, out).
func Linear[T kernel.Float](by kernel.Products[T], x, w, b *Node) (*Node, error) {
	shape := Shape{x.Shape()[0], w.Shape()[0]}
	if b == nil {
		return Apply("linear", linear[T]{by, make([]T, w.Shape()[0])}, shape, x, w)
	}
	return Apply("linear", linear[T]{by, nil}, shape, x, w, b)
}

// linear has zeros for a bias where it has none.
type linear[T kernel.Float] struct {
	by    kernel.Products[T]
	zeros []T
}

func (l linear[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	x, w, b := in[0], in[1], l.zeros
	if len(in) > 2 {
		b = in[2].Data
	}
	y := m.Mat(x.Rows, w.Rows)
	l.by.Forward(y.Data, x.Data, b, x.Rows, weights(w), m.work.help)
	return y
}

// weights is w as those of a linear layer.
func weights[T kernel.Float](w Mat[T]) kernel.Rows[T] {
	return kernel.Rows[T]{Data: w.Data, Out: w.Rows, In: w.Cols}
}

func (l linear[T]) Gradient(in Nodes, _, dy *Node) (Nodes, error) {
	x, w := in[0], in[1]
	dx, err := Apply("linear.dx", linearDX[T]{l.by}, x.Shape(), dy, w)
	if err != nil {
		return nil, err
	}
	dw, err := Apply("linear.dw", &linearDW[T]{by: l.by}, w.Shape(), dy, x)
	if len(in) == 2 || err != nil {
		return Nodes{dx, dw}, err
	}
	db, err := Apply("linear.db", &colSums[T]{}, in[2].Shape(), dy)
	return Nodes{dx, dw, db}, err
}

// linearDX is dx = dy·w.
type linearDX[T kernel.Float] struct{ by kernel.Products[T] }

func (l linearDX[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	dy, w := in[0], in[1]
	dx := m.Mat(dy.Rows, w.Cols)
	l.by.Inputs(dx.Data, dy.Data, dy.Rows, weights(w))
	return dx
}

// linearDW is dw = dyᵀ·x.
type linearDW[T kernel.Float] struct {
	by kernel.Products[T]
	to *addend[T]
}

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
	l.by.Weights(weights(dw), dy.Data, x.Data, dy.Rows, add)
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

// Affine is Linear with weights that do not change: there is no gradient. It reports
// weights that do not fit x and b; a nil b is 0.
//
// Shapes: x (n, in), w (out, in), b (out); y (n, out).
func Affine[T kernel.Float](w kernel.Matrix[T], x, b *Node) (*Node, error) {
	return product[T]("affine", w, x, b, func(y, x, b []T, _ []Mat[T], rows int, help kernel.Each) { w.Affine(y, x, b, rows, help) })
}

// Activated is Affine with an activation, f, of y.
func Activated[T kernel.Float](w kernel.Activating[T], x, b *Node, f kernel.Activation) (*Node, error) {
	return product[T]("affine", w, x, b, func(y, x, b []T, _ []Mat[T], rows int, help kernel.Each) { w.Activated(y, x, b, rows, f, help) })
}

// Added is Affine with another matrix, to, added to y, as a residual does.
func Added[T kernel.Float](w kernel.Adding[T], x, b, to *Node) (*Node, error) {
	out, _ := w.Shape()
	if got := to.Shape()[1]; got != out {
		return nil, fmt.Errorf("added: the addend has %d columns, want %d as the weights", got, out)
	}
	return product[T]("added", w, x, b, func(y, x, b []T, to []Mat[T], rows int, help kernel.Each) {
		w.Added(y, x, b, to[0].Data, rows, help)
	}, to)
}

// product is a product with w, which do computes of x, the bias and what else there is.
func product[T kernel.Float](name string, w kernel.Matrix[T], x, b *Node, do affineFunc[T], more ...*Node) (*Node, error) {
	out, in := w.Shape()
	if got := x.Shape()[1]; got != in {
		return nil, fmt.Errorf("%s: x has %d columns, want %d as the weights", name, got, in)
	}
	a, inputs := &affine[T]{out: out, do: do}, Nodes{x}
	if b == nil {
		a.zeros = make([]T, out)
	} else if got := b.Shape().TotalSize(); got != out {
		return nil, fmt.Errorf("%s: the bias has %d elements, want %d as the weights", name, got, out)
	} else {
		inputs = append(inputs, b)
	}
	return Apply(name, a, Shape{x.Shape()[0], out}, append(inputs, more...)...)
}

// An affineFunc computes y of a product.
type affineFunc[T kernel.Float] func(y, x, b []T, more []Mat[T], rows int, help kernel.Each)

type affine[T kernel.Float] struct {
	out   int
	do    affineFunc[T]
	zeros []T // the bias where there is none
}

func (a *affine[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	x, b, more := in[0], a.zeros, in[1:]
	if b == nil {
		b, more = in[1].Data, in[2:]
	}
	y := m.Mat(x.Rows, a.out)
	a.do(y.Data, x.Data, b, more, x.Rows, m.work.help)
	return y
}

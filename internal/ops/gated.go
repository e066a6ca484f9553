package ops

import "github.com/powerbert/powerbert/internal/kernel"

// Gated is an activation of the first half of the columns, multiplied by the second, the gate
// (Shazeer 2020, arXiv 2002.05202):
//
//	y[i,k] = f(x[i,k])·x[i,F+k]
//
// grad is that of f: dx = dy·f'(x).
//
// Shapes: x (n, 2F); y (n, F).
func Gated[T kernel.Float](x *Node, f func(y, x []T), grad func(dx, dy, x []T)) (*Node, error) {
	return Apply("gated", &gated[T]{f, grad}, Shape{x.Shape()[0], x.Shape()[1] / 2}, x)
}

type gated[T kernel.Float] struct {
	f    func(y, x []T)
	grad func(dx, dy, x []T)
}

// halves are row i of x: what is activated, and the gate.
func halves[T kernel.Float](x Mat[T], i int) (in, gate []T) {
	row := x.Data[i*x.Cols : (i+1)*x.Cols]
	return row[:x.Cols/2], row[x.Cols/2:]
}

func (g *gated[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	x := in[0]
	y := m.Mat(x.Rows, x.Cols/2)
	m.work.rows(x.Rows, x.Cols, func(from, to int) {
		for i := from; i < to; i++ {
			a, gate := halves(x, i)
			row := y.Data[i*y.Cols : (i+1)*y.Cols]
			g.f(row, a)
			multiply(row, gate)
		}
	})
	return y
}

// multiply is y = y∘x.
func multiply[T kernel.Float](y, x []T) {
	for k, v := range x {
		y[k] *= v
	}
}

func (g *gated[T]) Gradient(in Nodes, _, dy *Node) (Nodes, error) {
	dx, err := Apply("gated.dx", (*gatedDX[T])(g), in[0].Shape(), dy, in[0])
	return Nodes{dx}, err
}

// gatedDX is dx[i,k] = dy·gate·f'(x), dx[i,F+k] = dy·f(x).
type gatedDX[T kernel.Float] gated[T]

func (g *gatedDX[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	dy, x := in[0], in[1]
	dx := m.Mat(x.Rows, x.Cols)
	through := m.Take(dy.Cols)
	for i := range x.Rows {
		a, gate := halves(x, i)
		da, dgate := halves(dx, i)
		row := dy.Data[i*dy.Cols : (i+1)*dy.Cols]
		copy(through, row)
		multiply(through, gate)
		g.grad(da, through, a)
		g.f(dgate, a)
		multiply(dgate, row)
	}
	return dx
}

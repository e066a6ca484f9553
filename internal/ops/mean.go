package ops

import "github.com/powerbert/powerbert/internal/kernel"

// Mean is the mean of the real rows of every sequence.
//
// Shapes: x (n, H), the rows of l; y (B, H).
func Mean[T kernel.Float](l *Layout, x *Node) (*Node, error) {
	return Apply("mean", mean[T]{l}, x.Shape(), x)
}

type mean[T kernel.Float] struct{ layout *Layout }

func (o mean[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	x := in[0]
	y := m.Zeroed(o.layout.Sequences(), x.Cols)
	for s := range y.Rows {
		from, _, real := o.layout.Bounds(s)
		row := y.Data[s*y.Cols : (s+1)*y.Cols]
		for i := from; i < from+real; i++ {
			kernel.Add(row, x.Data[i*x.Cols:(i+1)*x.Cols])
		}
		kernel.Scale(row, row, 1/T(real))
	}
	return y
}

func (o mean[T]) Gradient(in Nodes, _, dy *Node) (Nodes, error) {
	dx, err := Apply("mean.dx", meanDX[T](o), in[0].Shape(), dy)
	return Nodes{dx}, err
}

// meanDX gives each real row its share of dy; padding gets 0.
type meanDX[T kernel.Float] mean[T]

func (o meanDX[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	dy := in[0]
	dx := m.Zeroed(o.layout.Rows(), dy.Cols)
	for s := range dy.Rows {
		from, _, real := o.layout.Bounds(s)
		for i := from; i < from+real; i++ {
			kernel.Scale(dx.Data[i*dx.Cols:], dy.Data[s*dy.Cols:(s+1)*dy.Cols], 1/T(real))
		}
	}
	return dx
}

package loss

import (
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
)

// term is a loss of one value x. What else it reads, labels or a teacher, is constant.
type term[T kernel.Float] interface {
	value(x ops.Mat[T], m *ops.Memory[T]) float64
	// slope fills dx with dy times the gradient by x.
	slope(dx, x ops.Mat[T], dy float64)
}

// nodeOf makes the node of a term of x.
func nodeOf[T kernel.Float](name string, t term[T], x *ops.Node) (*ops.Node, error) {
	return ops.Apply(name, termOp[T]{name, t}, ops.Shape{}, x)
}

type termOp[T kernel.Float] struct {
	name string
	of   term[T]
}

func (t termOp[T]) Compute(in []ops.Mat[T], m *ops.Memory[T]) ops.Mat[T] {
	y := m.Mat(1, 1)
	y.Data[0] = T(t.of.value(in[0], m))
	return y
}

func (t termOp[T]) Gradient(in ops.Nodes, _, dy *ops.Node) (ops.Nodes, error) {
	dx, err := ops.Apply(t.name+".dx", slopeOp[T]{t.of}, in[0].Shape(), dy, in[0])
	return ops.Nodes{dx}, err
}

type slopeOp[T kernel.Float] struct{ of term[T] }

func (s slopeOp[T]) Compute(in []ops.Mat[T], m *ops.Memory[T]) ops.Mat[T] {
	dy, x := float64(in[0].Data[0]), in[1]
	dx := m.Mat(x.Rows, x.Cols)
	s.of.slope(dx, x, dy)
	return dx
}

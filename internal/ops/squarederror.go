package ops

import (
	"github.com/powerbert/powerbert/internal/kernel"
)

// SquaredError is the weighted squared error against scores, the batch's own or its
// teacher's:
//
//	y = Σ_s weight·(x[s] − scores[s])²
//
// Shapes: x (B, 1), scores (B); y a scalar. The scores are read at each run and are
// constant: a gradient flows to x alone.
func SquaredError[T kernel.Float](b *Batch, scores *[]float64, x *Node) (*Node, error) {
	return apply("squarederror", &squaredError[T]{batch: b, scores: scores}, Shape{}, []bool{true}, x)
}

type squaredError[T kernel.Float] struct {
	batch  *Batch
	scores *[]float64
	y      [1]T
}

func (c *squaredError[T]) compute(in []Mat[T], _ *memory[T]) Mat[T] {
	sum := 0.0
	for s, x := range in[0].Data {
		d := float64(x) - (*c.scores)[s]
		sum += d * d
	}
	c.y[0] = T(sum * c.batch.Weight)
	return Mat[T]{1, 1, c.y[:]}
}

func (c *squaredError[T]) gradient(in Nodes, _, dy *Node) (Nodes, error) {
	dx, err := apply("squarederror.dx", &squaredErrorDX[T]{forward: c}, in[0].Shape(), nil, dy, in[0])
	return Nodes{dx}, err
}

// squaredErrorDX is dx = dy·weight·2·(x − score).
type squaredErrorDX[T kernel.Float] struct{ forward *squaredError[T] }

func (c *squaredErrorDX[T]) compute(in []Mat[T], m *memory[T]) Mat[T] {
	factor := 2 * float64(in[0].Data[0]) * c.forward.batch.Weight
	dx := m.mat(in[1].Rows, 1)
	for s, x := range in[1].Data {
		dx.Data[s] = T(factor * (float64(x) - (*c.forward.scores)[s]))
	}
	return dx
}

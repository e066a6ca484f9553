package ops

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/powerbert/powerbert/internal/kernel"
)

// SquaredError is the weighted squared error of the batch's scores:
//
//	y = Σ_s weight·(x[s] − score_s)²
//
// Shapes: x (B, 1); y a scalar.
func SquaredError[T kernel.Float](b *Batch, x *G.Node) (*G.Node, error) {
	return apply("squarederror", &squaredError[T]{batch: b}, tensor.ScalarShape(), []bool{true}, x)
}

type squaredError[T kernel.Float] struct {
	batch *Batch
	y     [1]T
}

func (c *squaredError[T]) compute(in []Mat[T], _ *memory[T]) Mat[T] {
	sum := 0.0
	for s, score := range c.batch.Scores {
		d := float64(in[0].Data[s]) - score
		sum += d * d
	}
	c.y[0] = T(sum * c.batch.Weight)
	return Mat[T]{1, 1, c.y[:]}
}

func (c *squaredError[T]) gradient(in G.Nodes, _, dy *G.Node) (G.Nodes, error) {
	dx, err := apply("squarederror.dx", &squaredErrorDX[T]{batch: c.batch}, in[0].Shape(), nil, dy, in[0])
	return G.Nodes{dx}, err
}

// squaredErrorDX is dx = dy·weight·2·(x − score).
type squaredErrorDX[T kernel.Float] struct{ batch *Batch }

func (c *squaredErrorDX[T]) compute(in []Mat[T], m *memory[T]) Mat[T] {
	factor := 2 * float64(in[0].Data[0]) * c.batch.Weight
	dx := m.mat(in[1].Rows, 1)
	for s, score := range c.batch.Scores {
		dx.Data[s] = T(factor * (float64(in[1].Data[s]) - score))
	}
	return dx
}

package loss

import (
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
)

// Blend is Σ_i weights_i·terms_i of losses.
func Blend[T kernel.Float](weights []float64, terms ...*ops.Node) (*ops.Node, error) {
	return ops.Apply("blend", blend[T]{weights}, ops.Shape{}, terms...)
}

type blend[T kernel.Float] struct{ weights []float64 }

func (b blend[T]) Compute(in []ops.Mat[T], m *ops.Memory[T]) ops.Mat[T] {
	sum := 0.0
	for i, term := range in {
		sum += b.weights[i] * float64(term.Data[0])
	}
	y := m.Mat(1, 1)
	y.Data[0] = T(sum)
	return y
}

// Gradient is weights_i·dy for each term.
func (b blend[T]) Gradient(in ops.Nodes, _, dy *ops.Node) (ops.Nodes, error) {
	grads := make(ops.Nodes, len(in))
	for i := range in {
		var err error
		if grads[i], err = Blend[T](b.weights[i:i+1], dy); err != nil {
			return nil, err
		}
	}
	return grads, nil
}

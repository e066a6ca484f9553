package loss

import (
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
)

// SquaredError is the mean squared error against scores, the batch's own or its
// teacher's, as each run finds them:
//
//	Σ_s weight·1/K·Σ_k (x[s,k] − scores[s,k])²
//
// as PyTorch's MSELoss, whose mean is over the K outputs, too.
//
// Shapes: x and scores (B, K); result a scalar.
func SquaredError[T kernel.Float](b *ops.Batch, scores *[]float64, x *ops.Node) (*ops.Node, error) {
	return nodeOf("squarederror", squaredError[T]{b, scores}, x)
}

type squaredError[T kernel.Float] struct {
	batch  *ops.Batch
	scores *[]float64
}

func (e squaredError[T]) value(x ops.Mat[T], _ *ops.Memory[T]) float64 {
	sum := 0.0
	for s, v := range x.Data {
		d := float64(v) - (*e.scores)[s]
		sum += d * d
	}
	return sum * e.batch.Weight / float64(x.Cols)
}

// slope is dy·weight/K·2·(x − score).
func (e squaredError[T]) slope(dx, x ops.Mat[T], dy float64) {
	factor := 2 * dy * e.batch.Weight / float64(x.Cols)
	for s, v := range x.Data {
		dx.Data[s] = T(factor * (float64(v) - (*e.scores)[s]))
	}
}

package loss

import (
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
)

// Patience is the mean squared difference of normalised [CLS] states of several
// encoders of a student from a teacher's (Sun et al. 2019, equation 7, as the mean
// over encoders, sequences and H that their code takes):
//
//	1/(M·H)·Σ_m Σ_s weight·|x_ms/|x_ms| − target_ms/|target_ms||²
//
// It is computed as 2 − 2·cos, which is the same.
//
// Shapes: x, M of (B, H), the targets likewise; result a scalar.
func Patience[T kernel.Float](b *ops.Batch, x []*ops.Node, targets [][]T) (*ops.Node, error) {
	var terms []*ops.Node
	var weights []float64
	for m, states := range x {
		distance, err := Cosine(b, states, nil, &targets[m])
		if err != nil {
			return nil, err
		}
		terms, weights = append(terms, distance), append(weights, 2/float64(len(x)*states.Shape()[1]))
	}
	return Blend[T](weights, terms...)
}

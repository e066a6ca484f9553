package loss

import (
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
)

// MaskedTokens is the mean negative log-likelihood of the tokens at the batch's masked
// positions (Devlin et al. 2019, section 3.1): CrossEntropy over many classes, by the
// softmax kernel. The batch's Weight is 1 over the masked positions of the step.
//
// Shapes: logits (masked, V); result a scalar.
func MaskedTokens[T kernel.Float](b *ops.Batch, logits *ops.Node) (*ops.Node, error) {
	return nodeOf("maskedtokens", maskedTokens[T]{b}, logits)
}

type maskedTokens[T kernel.Float] struct{ batch *ops.Batch }

func (c maskedTokens[T]) value(x ops.Mat[T], m *ops.Memory[T]) float64 {
	sum, p := 0.0, m.Take(x.Cols)
	for i, label := range c.batch.Labels {
		row := x.Data[i*x.Cols : (i+1)*x.Cols]
		copy(p, row)
		kernel.Softmax(p, 1, len(p), len(p), 1, len(p))
		// Of the largest logit the probability is no small number, so its
		// logarithm is exact enough to give that of the sum.
		top := kernel.Largest(row)
		sum += float64(row[top]) - math.Log(float64(p[top])) - float64(row[label])
	}
	return sum * c.batch.Weight
}

// slope is dy·weight·(softmax(logits) − onehot(label)).
func (c maskedTokens[T]) slope(dx, x ops.Mat[T], dy float64) {
	copy(dx.Data, x.Data)
	kernel.Softmax(dx.Data, dx.Rows, dx.Cols, dx.Cols, 1, dx.Cols)
	for i, label := range c.batch.Labels {
		dx.Data[i*dx.Cols+label]--
	}
	kernel.Scale(dx.Data, dx.Data, T(dy*c.batch.Weight))
}

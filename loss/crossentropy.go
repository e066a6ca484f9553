package loss

import (
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
)

// CrossEntropy is the mean negative log-likelihood of the batch's labels:
//
//	Σ_s weight·(log Σ_c exp(logits[s,c]) − logits[s, label_s])
//
// With options above 1 an example is so many sequences that follow one another: their
// logits lie side by side, and the label of the first counts.
//
// Shapes: logits (B, classes), or (B, 1) of options; result a scalar.
func CrossEntropy[T kernel.Float](b *ops.Batch, options int, logits *ops.Node) (*ops.Node, error) {
	return nodeOf("crossentropy", crossEntropy[T]{b, options}, logits)
}

type crossEntropy[T kernel.Float] struct {
	batch   *ops.Batch
	options int
}

// each calls f for every example, with where its logits begin.
func (c crossEntropy[T]) each(x ops.Mat[T], f func(at int, logits []T, label int)) {
	width := x.Cols * c.options
	for at := 0; at < len(x.Data); at += width {
		f(at, x.Data[at:at+width], c.batch.Labels[at/x.Cols])
	}
}

func (c crossEntropy[T]) value(x ops.Mat[T], _ *ops.Memory[T]) float64 {
	sum := 0.0
	c.each(x, func(_ int, logits []T, label int) {
		sum += kernel.LogSumExp(logits) - float64(logits[label])
	})
	return sum * c.batch.Weight
}

// slope is dy·weight·(softmax(logits) − onehot(label)).
func (c crossEntropy[T]) slope(dx, x ops.Mat[T], dy float64) {
	factor := dy * c.batch.Weight
	c.each(x, func(at int, logits []T, label int) {
		lse := kernel.LogSumExp(logits)
		for j, v := range logits {
			p := math.Exp(float64(v) - lse)
			if j == label {
				p--
			}
			dx.Data[at+j] = T(factor * p)
		}
	})
}

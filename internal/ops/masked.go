package ops

import (
	"math"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Masked is the rows of x that the batch's Masked lists: those whose tokens are
// to be guessed.
//
// Shapes: x (n, H); y (masked, H).
func Masked[T kernel.Float](b *Batch, x *Node) (*Node, error) {
	return apply("masked", rowsOf[T]{layout: &b.Layout, index: func() []int32 { return b.Masked }}, x.Shape(), []bool{true}, x)
}

// VocabularyCrossEntropy is CrossEntropy over many classes, by the softmax kernel:
// the labels are those of the masked positions.
//
// Shapes: logits (masked, V); y a scalar.
func VocabularyCrossEntropy[T kernel.Float](b *Batch, logits *Node) (*Node, error) {
	return apply("vocabularycrossentropy", &vocabularyCrossEntropy[T]{batch: b}, Shape{}, []bool{true}, logits)
}

type vocabularyCrossEntropy[T kernel.Float] struct {
	batch *Batch
	y     [1]T
}

func (c *vocabularyCrossEntropy[T]) compute(in []Mat[T], m *memory[T]) Mat[T] {
	sum, p := 0.0, m.work.take(in[0].Cols)
	for i, label := range c.batch.Labels {
		row := in[0].Data[i*in[0].Cols : (i+1)*in[0].Cols]
		copy(p, row)
		kernel.Softmax(p, 1, len(p), len(p), 1, len(p))
		// Of the largest logit the probability is no small number, so its
		// logarithm is exact enough to give that of the sum.
		top := kernel.Largest(row)
		sum += float64(row[top]) - math.Log(float64(p[top])) - float64(row[label])
	}
	c.y[0] = T(sum * c.batch.Weight)
	return Mat[T]{1, 1, c.y[:]}
}

func (c *vocabularyCrossEntropy[T]) gradient(in Nodes, _, dy *Node) (Nodes, error) {
	dx, err := apply("vocabularycrossentropy.dx", vocabularyCrossEntropyDX[T]{c.batch}, in[0].Shape(), nil, dy, in[0])
	return Nodes{dx}, err
}

// vocabularyCrossEntropyDX is dlogits = dy·weight·(softmax(logits) − onehot(label)).
type vocabularyCrossEntropyDX[T kernel.Float] struct{ batch *Batch }

func (c vocabularyCrossEntropyDX[T]) compute(in []Mat[T], m *memory[T]) Mat[T] {
	logits, factor := in[1], T(float64(in[0].Data[0])*c.batch.Weight)
	dx := m.mat(logits.Rows, logits.Cols)
	copy(dx.Data, logits.Data)
	kernel.Softmax(dx.Data, dx.Rows, dx.Cols, dx.Cols, 1, dx.Cols)
	for i, label := range c.batch.Labels {
		dx.Data[i*dx.Cols+label]--
	}
	kernel.Scale(dx.Data, dx.Data, factor)
	return dx
}

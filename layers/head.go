package layers

import (
	G "gorgonia.org/gorgonia"

	"github.com/powerbert/powerbert/internal/ops"
)

// Pooler is tanh(x·W + b) over the [CLS] word-vectors.
//
// Shapes: x (B, H); result (B, H).
func (b *Builder[T]) Pooler(x *G.Node, name string, hidden int) *G.Node {
	y := b.Linear(x, name, hidden, hidden)
	return b.node(func() (*G.Node, error) { return ops.Tanh[T](y) })
}

// Classifier is drop(pooled)·W + b.
//
// Shapes: pooled (B, H); logits (B, classes).
func (b *Builder[T]) Classifier(pooled *G.Node, name string, hidden, classes int, dropout float64) *G.Node {
	return b.Linear(b.Dropout(pooled, dropout), name, hidden, classes)
}

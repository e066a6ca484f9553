package layers

import (
	"github.com/powerbert/powerbert/internal/ops"
)

// Pooler is tanh(x·W + b) over the [CLS] word-vectors.
//
// Shapes: x (B, H); result (B, H).
func (b *Builder[T]) Pooler(x *ops.Node, name string, hidden int) *ops.Node {
	y := b.Linear(x, name, hidden, hidden)
	return b.node(func() (*ops.Node, error) { return ops.Tanh[T](y) })
}

// Classifier is drop(pooled)·W + b.
//
// Shapes: pooled (B, H); logits (B, classes).
func (b *Builder[T]) Classifier(pooled *ops.Node, name string, hidden, classes int, dropout float64) *ops.Node {
	return b.Linear(b.Dropout(pooled, dropout), name, hidden, classes)
}

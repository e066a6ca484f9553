package layers

import (
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/model/arch"
)

// Transform is what a head makes of the rows that it reads before its outputs:
// act(drop(x)·W + b), normalised where the head has a Norm. A BERT classifier's is the
// pooler, tanh(x·W + b).
//
// Shapes: x (B, H); result (B, H).
func (b *Builder[T]) Transform(x *ops.Node, h *arch.Head) *ops.Node {
	if h.InDropout > 0 {
		x = b.Dropout(x, h.InDropout)
	}
	y := b.activate(b.Linear(x, h.Dense), h.Activation)
	if h.Norm == nil {
		return y
	}
	return b.LayerNorm(y, *h.Norm)
}

// Mean is the mean of the real word-vectors of every sequence in l.
//
// Shapes: x (n, H); result (B, H).
func (b *Builder[T]) Mean(x *ops.Node, l *ops.Layout) *ops.Node {
	return b.node(func() (*ops.Node, error) { return ops.Mean[T](l, x) })
}

// Classifier is drop(pooled)·W + b.
//
// Shapes: pooled (B, H); logits (B, outputs).
func (b *Builder[T]) Classifier(pooled *ops.Node, h *arch.Head) *ops.Node {
	return b.Linear(b.Dropout(pooled, h.Dropout), h.Output)
}

// MaskedLM is the head of masked-language modelling (Devlin et al. 2019, section
// 3.1), for the positions alone that the batch's Masked lists:
//
//	logits = LN(act(x·W + b))·Wordsᵀ + c
//
// Shapes: x (n, H); logits (masked, V). The decoder's weight is tied to the
// embedding: one parameter, whose gradients from both ends add up.
func (b *Builder[T]) MaskedLM(x *ops.Node, h *arch.Head, words arch.Table) *ops.Node {
	m := b.Transform(b.node(func() (*ops.Node, error) { return ops.Masked[T](b.Batch, x) }), h)
	word, bias := b.table(words), b.bias(h.Output, h.Output, h.Output.Out)
	return b.node(func() (*ops.Node, error) { return ops.Linear(b.by, m, word, bias) })
}

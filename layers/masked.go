package layers

import (
	"github.com/powerbert/powerbert/internal/ops"
)

// MaskedLM is the head of masked-language modelling (Devlin et al. 2019, section
// 3.1), for the positions alone that the batch's Masked lists:
//
//	logits = LN(GELU(x·W + b))·Eᵀ + c,    E the word embeddings
//
// Shapes: x (n, H); logits (masked, V). The decoder's weight is tied to the
// embedding: one parameter, whose gradients from both ends add up.
func (b *Builder[T]) MaskedLM(x *ops.Node, prefix, embedding string, s EmbeddingSize) *ops.Node {
	m := b.node(func() (*ops.Node, error) { return ops.Masked[T](b.Batch, x) })
	m = b.Linear(m, prefix+"transform.dense", s.Width, s.Width)
	m = b.node(func() (*ops.Node, error) { return ops.GELU[T](m) })
	m = b.LayerNorm(m, prefix+"transform.LayerNorm", s.Width, s.Eps)
	word := b.Param(embedding, embedding, s.Vocabulary, s.Width)
	bias := b.Param(prefix+"bias", prefix+"bias", s.Vocabulary)
	return b.node(func() (*ops.Node, error) { return ops.Linear[T](m, word, bias) })
}

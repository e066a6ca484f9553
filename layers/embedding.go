package layers

import (
	"github.com/powerbert/powerbert/internal/ops"
)

// EmbeddingSize gives the dimensions of the embedding tables.
type EmbeddingSize struct {
	Vocabulary, Positions, Types int
	Width                        int // E in ALBERT, H in BERT
	Eps, Dropout                 float64
}

// Embedding is the input of encoder 1:
//
//	x_i = drop(LN(word[id_i] + position[i] + type[t_i]))
//
// Shapes: x (n, H), or (n, E) before ALBERT's mapping to H. The ids come from the builder's batch. The authors of
// PoWER-BERT drop out before LN; this follows BERT.
func (b *Builder[T]) Embedding(prefix string, s EmbeddingSize) *ops.Node {
	table := func(name string, rows int) *ops.Node {
		name = prefix + name + ".weight"
		return b.Param(name, name, rows, s.Width)
	}
	word := table("word_embeddings", s.Vocabulary)
	position := table("position_embeddings", s.Positions)
	typ := table("token_type_embeddings", s.Types)
	x := b.node(func() (*ops.Node, error) { return ops.Embedding[T](b.Batch, b.rows, word, position, typ) })
	return b.Dropout(b.LayerNorm(x, prefix+"LayerNorm", s.Width, s.Eps), s.Dropout)
}

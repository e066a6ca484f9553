package layers

import (
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/model/arch"
)

// Embedding is the input of encoder 1:
//
//	x_i = drop(LN(word[id_i] + position[i] + type[t_i]))
//
// mapped to H where the tables are of another width, as in ALBERT; without positions or types
// where the family has none.
//
// Shapes: x (n, H). The ids come from the builder's batch. The authors of
// PoWER-BERT drop out before LN; this follows BERT.
func (b *Builder[T]) Embedding(e *arch.Embedding) *ops.Node {
	x := b.Dropout(b.LayerNorm(b.lookUp(e), e.Norm), e.Dropout)
	if e.Mapping == nil {
		return x
	}
	return b.Linear(x, *e.Mapping)
}

// lookUp is the sum of the rows of the tables.
func (b *Builder[T]) lookUp(e *arch.Embedding) *ops.Node {
	position, typ := b.table(e.Positions), b.table(e.Types)
	if t := b.weights.Table(e.Words.Name); t != nil {
		scales := b.Input(e.Words.Name+arch.ScaleSuffix, t.Scales, len(t.Scales))
		return b.node(func() (*ops.Node, error) { return ops.Int8Embedding(b.Batch, b.rows, t, scales, position, typ) })
	}
	word := b.table(e.Words)
	return b.node(func() (*ops.Node, error) { return ops.Embedding[T](b.Batch, b.rows, word, position, typ) })
}

// table is nil where it has no rows.
func (b *Builder[T]) table(t arch.Table) *ops.Node {
	if t.Rows == 0 {
		return nil
	}
	return b.Param(t.Name, t.Name, t.Rows, t.Width)
}

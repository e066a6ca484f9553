package layers

import (
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/model/arch"
)

// Encoder is encoder j as built: its nodes, and what it decides about its
// word-vectors at each run.
type Encoder[T kernel.Float] struct {
	Selection *ops.Selection[T]
	Attention *ops.Node // concatenated heads, before the output projection
	FFNInput  *ops.Node // after Add & LayerNorm and extraction
	Output    *ops.Node
}

// Encoder adds encoder j with its extraction (Goyal et al. 2020, figure 4;
// Devlin et al. 2019 for the rest):
//
//	Y  = LN(X + drop(Attention(X)·W_o + b_o))
//	Y' = Extract_j(Y)
//	X' = LN(Y' + drop(GELU(Y'·W_1 + b_1)·W_2 + b_2))
//
// Shapes: x (n_j, H); output (l_j, H), l_j as sel decides.
//
// Extraction happens where it is cheapest: the rows that do not go on are left
// out right after the attention probabilities, since no later product needs
// their queries (early gather). With r given, extraction is soft: nothing is
// removed, and Y' is Y scaled by r at each word-vector's rank.
func (b *Builder[T]) Encoder(e *arch.Block, x *ops.Node, sel *ops.Selection[T], r *ops.Node) Encoder[T] {
	built := Encoder[T]{Selection: sel}
	built.Attention = b.SelfAttention(&e.Attention, x, sel)
	o := b.Dropout(b.Linear(built.Attention, e.Attention.Output), e.Attention.OutputDropout)
	y := b.LayerNorm(b.residual(sel, o, x), e.Attention.Norm)
	if r != nil {
		y = b.SoftExtract(y, sel, r)
	}
	built.FFNInput = y
	z := b.Dropout(b.FeedForward(&e.FFN, y), e.FFN.Dropout)
	built.Output = b.LayerNorm(b.residual(nil, z, y), e.FFN.Norm)
	return built
}

// SelfAttention is concat_h(drop(softmax(Q_h·K_hᵀ/√d + R_h))·V_h) within each
// sequence, R_h a bias by distance where the family has one; sel scores the word-vectors on the way and says which queries go on.
//
// Shapes: x (n_j, H); result (l_j, H).
//
// Q, K and V are one product, except where only the [CLS] queries are needed.
func (b *Builder[T]) SelfAttention(a *arch.Attention, x *ops.Node, sel *ops.Selection[T]) *ops.Node {
	var in []*ops.Node
	if sel.Pick == ops.PickCLS {
		in = []*ops.Node{b.Linear(b.First(x, sel.In), a.Query), b.Linear(x, a.Key, a.Value)}
	} else {
		in = []*ops.Node{b.Linear(x, a.Query, a.Key, a.Value)}
	}
	drop := b.drop(a.Dropout)
	var relative *ops.Relative
	if r := a.Relative; r != nil {
		relative = &ops.Relative{Table: b.table(r.Table), Rows: r.Rows()}
	}
	return b.node(func() (*ops.Node, error) { return ops.Attention(sel, a.Heads, drop, relative, in...) })
}

// FeedForward is act(y·W_1 + b_1)·W_2 + b_2.
//
// Shapes: y (l_j, H); result (l_j, H), F values wide in between.
func (b *Builder[T]) FeedForward(f *arch.FFN, y *ops.Node) *ops.Node {
	return b.Linear(b.activated(y, f.In, f.Activation), f.Out)
}

func (b *Builder[T]) residual(sel *ops.Selection[T], branch, x *ops.Node) *ops.Node {
	return b.node(func() (*ops.Node, error) { return ops.Residual(sel, branch, x) })
}

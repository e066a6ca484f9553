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
	FFNInput  *ops.Node // the sum with attention, normalised in a post-norm encoder, after extraction
	Output    *ops.Node
}

// Encoder adds encoder j with its extraction (Goyal et al. 2020, figure 4;
// Devlin et al. 2019 for the rest):
//
//	Y  = LN(X + drop(Attention(X)·W_o + b_o))
//	Y' = Extract_j(Y)
//	X' = LN(Y' + drop(GELU(Y'·W_1 + b_1)·W_2 + b_2))
//
// In a pre-norm encoder (arch.Block) it is in the same place, and so Y' the sum itself.
//
// Shapes: x (n_j, H); output (l_j, H), l_j as sel decides.
//
// Extraction happens where it is cheapest: the rows that do not go on are left
// out right after the attention probabilities, since no later product needs
// their queries (early gather). With r given, extraction is soft: nothing is
// removed, and Y' is Y scaled by r at each word-vector's rank.
func (b *Builder[T]) Encoder(e *arch.Block, x *ops.Node, sel *ops.Selection[T], r *ops.Node) Encoder[T] {
	built := Encoder[T]{Selection: sel}
	before, after := b.norms(e.PreNorm)
	built.Attention = b.SelfAttention(&e.Attention, before(x, e.Attention.Norm), sel)
	y := after(b.branch(sel, built.Attention, e.Attention.Output, e.Attention.OutputDropout, x), e.Attention.Norm)
	if r != nil {
		y = b.SoftExtract(y, sel, r)
	}
	built.FFNInput = y
	inner := b.feedForward(&e.FFN, before(y, e.FFN.Norm))
	built.Output = after(b.branch(nil, inner, e.FFN.Out, e.FFN.Dropout, y), e.FFN.Norm)
	return built
}

// norms are what is done before a half of an encoder and after its sum: one is the
// LayerNorm, where it has a name, the other nothing.
func (b *Builder[T]) norms(pre bool) (before, after func(x *ops.Node, n arch.Norm) *ops.Node) {
	nothing := func(x *ops.Node, _ arch.Norm) *ops.Node { return x }
	if !pre {
		return nothing, b.LayerNorm
	}
	named := func(x *ops.Node, n arch.Norm) *ops.Node {
		if n.Name == "" {
			return x
		}
		return b.LayerNorm(x, n)
	}
	return named, nothing
}

// SelfAttention is concat_h(drop(softmax(Q_h·K_hᵀ/√d + R_h))·V_h) within each
// sequence, R_h a bias by distance where the family has one, Q and K turned by where their
// rows stand in the text where positions are rotary; sel scores the word-vectors on the way
// and says which queries go on.
//
// Shapes: x (n_j, H); result (l_j, H).
//
// Q, K and V are one product, except where only the [CLS] queries are needed.
func (b *Builder[T]) SelfAttention(a *arch.Attention, x *ops.Node, sel *ops.Selection[T]) *ops.Node {
	var in []*ops.Node
	if sel.Pick == ops.PickCLS {
		// [CLS] stands at 0, where nothing is turned.
		in = []*ops.Node{b.Linear(b.First(x, sel.In), a.Query), b.rotary(b.Linear(x, a.Key, a.Value), a, sel.In, 1)}
	} else {
		in = []*ops.Node{b.rotary(b.Linear(x, a.Query, a.Key, a.Value), a, sel.In, 2)}
	}
	how := ops.Heads{Count: a.Heads, Drop: b.drop(a.Dropout), Rounded: b.rounds(a)}
	if r := a.Relative; r != nil {
		how.Relative = &ops.Relative{Table: b.table(r.Table), Rows: r.Rows()}
	}
	if a.Window != nil {
		how.Window = &ops.Window{Reach: *a.Window, Tile: arch.WindowTile}
	}
	return b.node(func() (*ops.Node, error) { return ops.Attention(sel, how, in...) })
}

// rounds tells whether the products of heads read bfloat16, of Q, K and V that allow it.
func (b *Builder[T]) rounds(a *arch.Attention) bool {
	m, may := b.weights.Matrix(a.Query, a.Value).(kernel.Coarse[T])
	return may && m.Coarse()
}

// turn is rotary positions: θ, and the width of a head.
type turn struct {
	theta float64
	d     int
}

// rotary turns the first parts of x, of Q, K and V side by side, by where the rows of l stand
// in the text; nothing where positions are not rotary. All encoders of one θ share its turns.
func (b *Builder[T]) rotary(x *ops.Node, a *arch.Attention, l *ops.Layout, parts int) *ops.Node {
	if a.Rotary == 0 {
		return x
	}
	by := turn{a.Rotary, a.Query.Out / a.Heads}
	if b.turns[by] == nil {
		b.turns[by] = ops.NewTurns[T](arch.RotaryFrequencies(by.theta, by.d))
	}
	return b.node(func() (*ops.Node, error) { return ops.Rotary(l, b.turns[by], x, parts*a.Query.Out) })
}

// feedForward is drop(act(y·W_1 + b_1)), F values wide: a feed-forward layer but for its
// second product.
//
// Shapes: y (l_j, H); result (l_j, F).
func (b *Builder[T]) feedForward(f *arch.FFN, y *ops.Node) *ops.Node {
	if f.Gated {
		y = b.gate(b.Linear(y, f.In), f.Activation)
	} else {
		y = b.activated(y, f.In, f.Activation)
	}
	if f.InnerDropout > 0 {
		y = b.Dropout(y, f.InnerDropout)
	}
	return y
}

// branch is x + drop(in·W + b), of the rows of x that sel lets go on; a nil sel keeps all.
// It is one product where the weights take the sum along and neither rows go nor values.
//
// Shapes: in (l, ·), x (n, H); result (l, H).
func (b *Builder[T]) branch(sel *ops.Selection[T], in *ops.Node, l arch.Linear, dropout float64, x *ops.Node) *ops.Node {
	m, can := b.weights.Matrix(l, l).(kernel.Adding[T])
	if !can || b.train || sel != nil && sel.Removes() {
		y := b.Dropout(b.Linear(in, l), dropout)
		return b.node(func() (*ops.Node, error) { return ops.Residual(sel, y, x) })
	}
	bias := b.bias(l, l, l.Out)
	return b.node(func() (*ops.Node, error) { return ops.Added(m, in, bias, x) })
}

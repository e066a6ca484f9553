package layers

import (
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
)

// EncoderSize gives the dimensions of one encoder.
type EncoderSize struct {
	Hidden, Heads, Intermediate     int
	Eps                             float64
	HiddenDropout, AttentionDropout float64
	TanhGELU                        bool // GELU in its tanh form
}

// EncoderNames are the names of an encoder's tensors in a checkpoint, without their
// .weight and .bias. Query, key and value lie one after another.
type EncoderNames struct {
	Query, Key, Value    string // X·W_q + b_q, ...
	Projection           string // W_o and b_o
	AttentionNorm        string // the LN behind it
	Intermediate, Output string // W_1 and b_1, W_2 and b_2
	OutputNorm           string // the LN behind them
}

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
func (b *Builder[T]) Encoder(names EncoderNames, x *ops.Node, sel *ops.Selection[T], r *ops.Node, s EncoderSize) Encoder[T] {
	e := Encoder[T]{Selection: sel}
	e.Attention = b.SelfAttention(names, x, sel, s)
	o := b.Dropout(b.Linear(e.Attention, names.Projection, s.Hidden, s.Hidden), s.HiddenDropout)
	y := b.LayerNorm(b.residual(sel, o, x), names.AttentionNorm, s.Hidden, s.Eps)
	if r != nil {
		y = b.SoftExtract(y, sel, r)
	}
	e.FFNInput = y
	z := b.Dropout(b.FeedForward(names, y, s), s.HiddenDropout)
	e.Output = b.LayerNorm(b.residual(nil, z, y), names.OutputNorm, s.Hidden, s.Eps)
	return e
}

// SelfAttention is concat_h(drop(softmax(Q_h·K_hᵀ/√d))·V_h) within each
// sequence; sel scores the word-vectors on the way and says which queries go on.
//
// Shapes: x (n_j, H); result (l_j, H).
//
// Q, K and V are one product, except where only the [CLS] queries are needed.
func (b *Builder[T]) SelfAttention(names EncoderNames, x *ops.Node, sel *ops.Selection[T], s EncoderSize) *ops.Node {
	project := func(x *ops.Node, first, last string, parts int) *ops.Node {
		return b.linears(x, first, last, s.Hidden, parts*s.Hidden)
	}
	var in []*ops.Node
	if sel.Pick == ops.PickCLS {
		in = []*ops.Node{project(b.First(x, sel.In), names.Query, names.Query, 1), project(x, names.Key, names.Value, 2)}
	} else {
		in = []*ops.Node{project(x, names.Query, names.Value, 3)}
	}
	drop := b.drop(s.AttentionDropout)
	return b.node(func() (*ops.Node, error) { return ops.Attention(sel, s.Heads, drop, in...) })
}

// FeedForward is GELU(y·W_1 + b_1)·W_2 + b_2, with the exact GELU or its tanh form.
//
// Shapes: y (l_j, H); result (l_j, H), F values wide in between.
func (b *Builder[T]) FeedForward(names EncoderNames, y *ops.Node, s EncoderSize) *ops.Node {
	f := b.Linear(y, names.Intermediate, s.Hidden, s.Intermediate)
	gelu := ops.GELU[T]
	if s.TanhGELU {
		gelu = ops.GELUTanh[T]
	}
	f = b.node(func() (*ops.Node, error) { return gelu(f) })
	return b.Linear(f, names.Output, s.Intermediate, s.Hidden)
}

func (b *Builder[T]) residual(sel *ops.Selection[T], branch, x *ops.Node) *ops.Node {
	return b.node(func() (*ops.Node, error) { return ops.Residual(sel, branch, x) })
}

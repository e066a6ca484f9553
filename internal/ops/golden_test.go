package ops

import (
	"fmt"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/retention"
)

// goldenRow is an op and the golden operation it must equal.
type goldenRow struct {
	name   string
	inputs []string
	build  func(c gradcheck.Case, in []*Node) (*Node, error)
}

// TestGolden holds every op and its gradients against PyTorch's float64 values.
func TestGolden(t *testing.T) {
	t.Run("float32", golden[float32])
	t.Run("float64", golden[float64])
}

func golden[T kernel.Float](t *testing.T) {
	for _, row := range goldenRows[T](t) {
		t.Run(row.name, func(t *testing.T) {
			c := gradcheck.Golden(t, "ops").Sub(row.name)
			gradcheck.MatchOp[T](t, c, row.inputs, func(in []*Node) (*Node, error) { return row.build(c, in) })
		})
	}
}

func goldenRows[T kernel.Float](t *testing.T) []goldenRow {
	return []goldenRow{
		{"linear", []string{"x", "weight", "bias"}, func(_ gradcheck.Case, in []*Node) (*Node, error) {
			return Linear(kernel.Exact[T]{}, in[0], in[1], in[2])
		}},
		{"embedding", []string{"word", "position", "token_type"}, func(c gradcheck.Case, in []*Node) (*Node, error) {
			b := &Batch{IDs: int32s(t, c, "ids"), Types: int32s(t, c, "types")}
			b.Layout = *layout([]int{len(b.IDs)}, []int{len(b.IDs)})
			b.Positions = int32s(t, c, "positions")
			return Embedding[T](b, len(b.IDs), in[0], in[1], in[2])
		}},
		{"layernorm", []string{"x", "gamma", "beta"}, func(c gradcheck.Case, in []*Node) (*Node, error) {
			return LayerNorm[T](in[0], in[1], in[2], c.Floats(t, "eps")[0])
		}},
		{"gelu", []string{"x"}, func(_ gradcheck.Case, in []*Node) (*Node, error) { return GELU[T](in[0]) }},
		{"gelu_tanh", []string{"x"}, func(_ gradcheck.Case, in []*Node) (*Node, error) { return GELUTanh[T](in[0]) }},
		{"tanh", []string{"x"}, func(_ gradcheck.Case, in []*Node) (*Node, error) { return Tanh[T](in[0]) }},
		{"residual", []string{"a", "b"}, func(_ gradcheck.Case, in []*Node) (*Node, error) {
			return Residual[T](nil, in[0], in[1])
		}},
		{"soft_extract", []string{"x", "r"}, softExtractOf[T](t, false)},
		{"soft_extract_relative", []string{"x", "r"}, softExtractOf[T](t, true)},
	}
}

func softExtractOf[T kernel.Float](t *testing.T, relative bool) func(gradcheck.Case, []*Node) (*Node, error) {
	return func(c gradcheck.Case, in []*Node) (*Node, error) {
		lengths := c.Ints(t, "lengths")
		sel := &Selection[T]{Pick: PickRank, In: layout(lengths, lengths), Scoring: retention.Scoring{Relative: relative}}
		sel.Rank = int32s(t, c, "rank")
		return SoftExtract(sel, in[0], in[1])
	}
}

// layout is that of packed sequences.
func layout(lengths, real []int) *Layout {
	l := &Layout{}
	l.Reset()
	for i, n := range lengths {
		l.Add(n, real[i], real[i])
	}
	return l
}

func int32s(t *testing.T, c gradcheck.Case, name string) (out []int32) {
	t.Helper()
	for _, v := range c.Ints(t, name) {
		out = append(out, int32(v))
	}
	return out
}

// TestGoldenExtract is the gather behind extraction: the residual of a branch
// of zeros is the kept rows of x, and its gradient goes back to them.
func TestGoldenExtract(t *testing.T) {
	c := gradcheck.Golden(t, "ops").Sub("extract")
	x, index := gradcheck.ValueOf[float64](t, c, "x"), int32s(t, c, "index")
	rows := x.Shape[0]
	sel := &Selection[float64]{Pick: PickTop, In: layout([]int{rows}, []int{rows}), Kept: index}
	branch := gradcheck.Value[float64]{Data: make([]float64, len(index)*x.Shape[1]), Shape: []int{len(index), x.Shape[1]}}
	build := func(in []*Node) (*Node, error) { return Residual(sel, in[1], in[0]) }
	got := gradcheck.Evaluate(t, build, c.Floats(t, "dy"), x, branch)
	gradcheck.Match(t, c, "y", got.Y, 0)
	gradcheck.Match(t, c, "dx", got.Grads[0], 0)
	gradcheck.Match(t, c, "dy", got.Grads[1], 0)
}

// TestGoldenRank is ranks and picks of scores that tie.
func TestGoldenRank(t *testing.T) {
	c := gradcheck.Golden(t, "ops").Sub("rank")
	n := len(c.Floats(t, "sig"))
	choose := func(pick Pick, scoring retention.Scoring) *Selection[float64] {
		s := &Selection[float64]{Pick: pick, Scoring: scoring, In: layout([]int{n}, []int{n})}
		s.reset(1)
		copy(s.Sig, c.Floats(t, "sig"))
		s.choose(0)
		return s
	}
	gradcheck.MatchInts(t, c, "rank", choose(PickRank, retention.Scoring{}).Rank)
	gradcheck.MatchInts(t, c, "rank_clsfirst", choose(PickRank, retention.Scoring{ProtectCLS: true}).Rank)
	for _, keep := range []int{1, 2, 4, 7} {
		gradcheck.MatchInts(t, c, fmt.Sprint("kept_", keep), choose(PickTop, retention.Scoring{Keep: keep}).Kept)
	}
}

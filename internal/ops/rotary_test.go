package ops

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/retention"
)

// TestGoldenModern holds the operations of ModernBERT against PyTorch's float64 values
// (internal/gradcheck/testdata/modernbert.py), at positions with gaps.
func TestGoldenModern(t *testing.T) {
	t.Run("float32", goldenModern[float32])
	t.Run("float64", goldenModern[float64])
}

func goldenModern[T kernel.Float](t *testing.T) {
	for _, row := range []goldenRow{
		{"rotary", []string{"x"}, func(c gradcheck.Case, in []*Node) (*Node, error) {
			var frequency []float32
			for _, f := range c.Floats(t, "frequency") {
				frequency = append(frequency, float32(f))
			}
			return Rotary(standing(t, c, 7, 4), NewTurns[T](frequency), in[0], 24)
		}},
		{"geglu", []string{"x"}, func(_ gradcheck.Case, in []*Node) (*Node, error) {
			return Gated(in[0], kernel.GELU[T], kernel.GELUGrad[T])
		}},
		{"mean", []string{"x"}, func(_ gradcheck.Case, in []*Node) (*Node, error) {
			return Mean[T](layout([]int{7, 4}, []int{7, 3}), in[0])
		}},
		{"linear_no_bias", []string{"x", "weight"}, func(_ gradcheck.Case, in []*Node) (*Node, error) { return Linear(kernel.Exact[T]{}, in[0], in[1], nil) }},
		{"layernorm_no_bias", []string{"x", "gamma"}, func(_ gradcheck.Case, in []*Node) (*Node, error) {
			return LayerNorm[T](in[0], in[1], nil, 1e-5)
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := gradcheck.Golden(t, "families").Sub("ops").Sub(row.name)
			gradcheck.MatchOp[T](t, c, row.inputs, func(in []*Node) (*Node, error) { return row.build(c, in) })
		})
	}
}

// standing is the layout of sequences of these lengths whose word-vectors stand where the
// golden positions say.
func standing(t *testing.T, c gradcheck.Case, lengths ...int) *Layout {
	t.Helper()
	l := layout(lengths, lengths)
	l.Positions = int32s(t, c, "positions")
	return l
}

// Attention in a window is PyTorch's, however many queries run at once.
func TestGoldenWindow(t *testing.T) {
	golden := gradcheck.Golden(t, "families").Sub("ops").Sub("windowed")
	c := attentionCase{golden, 2, 6, standing(t, golden, golden.Ints(t, "lengths")...)}
	for _, tile := range []int{1, 2, 3, 32} {
		sel := &Selection[float64]{Pick: PickAll, In: c.layout}
		got := gradcheck.Evaluate(t, func(in []*Node) (*Node, error) {
			return Attention(sel, Heads{Count: c.heads, Window: &Window{3, tile}}, in[0])
		}, c.Floats(t, "dy"), c.beside(t, "q", "k", "v"))
		gradcheck.Close(t, fmt.Sprint("y, tiles of ", tile), got.Y, c.Floats(t, "y"), gradcheck.Tolerance64)
		gradcheck.Close(t, fmt.Sprint("gradients, tiles of ", tile), got.Grads[0], c.beside(t, "dq", "dk", "dv").Data, gradcheck.Tolerance64)
	}
}

// The gradient in a window reads nothing of what memory held before.
func TestWindowedGradientOfUsedMemory(t *testing.T) {
	golden := gradcheck.Golden(t, "families").Sub("ops").Sub("windowed")
	c := attentionCase{golden, 2, 6, standing(t, golden, 7, 4)}
	x := c.beside(t, "q", "k", "v")
	a := &attention[float64]{sel: &Selection[float64]{Pick: PickAll, In: c.layout}, heads: 2, hidden: 6, window: &Window{3, 2}, backward: true}
	m := newMemory[float64]()
	in := Mat[float64]{11, 18, x.Data}
	a.Compute([]Mat[float64]{in}, &m)
	m.work.chunk = slices.Repeat([]float64{math.NaN()}, 1000)
	got := (&attentionGrad[float64]{forward: a}).Compute([]Mat[float64]{{11, 6, c.Floats(t, "dy")}, in}, &m)
	gradcheck.Close(t, "gradients", got.Data, c.beside(t, "dq", "dk", "dv").Data, gradcheck.Tolerance64)
}

// Significance in a window is the attention of the queries that read a word-vector, by a
// naive sum. A padding query whose window holds padding alone attends to nothing, and votes
// for nothing where padding votes.
func TestWindowedVotes(t *testing.T) {
	const n, real, reach, heads, d = 9, 4, 2, 2, 3
	l := layout([]int{n}, []int{real})
	var qkv []float64
	for i := range n * 3 * heads * d {
		qkv = append(qkv, math.Sin(float64(i*i)))
	}
	for _, padVotes := range []bool{false, true} {
		sel := &Selection[float64]{Pick: PickRank, In: l, Scoring: retention.Scoring{PadQueriesVote: padVotes}}
		got := gradcheck.Evaluate(t, func(in []*Node) (*Node, error) {
			return Attention(sel, Heads{Count: heads, Window: &Window{reach, 4}}, in[0])
		}, make([]float64, n*heads*d), gradcheck.Value[float64]{Data: qkv, Shape: []int{n, 3 * heads * d}})
		want := make([]float64, n)
		for h := range heads {
			part := func(row, which int) []float64 { return qkv[row*3*heads*d+which*heads*d+h*d:][:d] }
			for query := range n {
				p, total := make([]float64, n), 0.0
				for key := max(0, query-reach); key < min(real, query+reach+1); key++ {
					p[key] = math.Exp(kernel.Dot(part(query, 0), part(key, 1)) / math.Sqrt(d))
					total += p[key]
				}
				for key, v := range p {
					if (query < real || padVotes) && v > 0 {
						want[key] += v / total
					}
				}
			}
		}
		gradcheck.Close(t, fmt.Sprint("significance, padding votes ", padVotes), sel.Sig, want, gradcheck.Tolerance64)
		if alone := got.Y[7*heads*d:]; slices.Max(alone) != 0 || slices.Min(alone) != 0 {
			t.Errorf("queries that read padding alone find %v, want 0", alone)
		}
	}
}

// The first half of a head turns with the second, by the angle of its position, and back.
func TestTurns(t *testing.T) {
	turns := NewTurns[float64]([]float32{0.5, 0.25})
	turns.reach([]int32{2, 0})
	turns.reach([]int32{1})
	x, y := []float64{1, 2, 3, 4, 5, 6, 7, 8}, make([]float64, 8)
	turns.turn(y, x, 2, false)
	sin1, cos1 := math.Sincos(1)
	sin2, cos2 := math.Sincos(0.5)
	want := []float64{cos1 - 3*sin1, 2*cos2 - 4*sin2, 3*cos1 + sin1, 4*cos2 + 2*sin2, 5*cos1 - 7*sin1, 6*cos2 - 8*sin2, 7*cos1 + 5*sin1, 8*cos2 + 6*sin2}
	gradcheck.Close(t, "turned", y, want, 1e-15)
	back := make([]float64, 8)
	turns.turn(back, y, 2, true)
	gradcheck.Close(t, "turned back", back, x, 1e-15)
	if len(turns.cos) != 3*2 {
		t.Errorf("angles of %d positions, want 3", len(turns.cos)/2)
	}
}

package ops

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/retention"
)

// attentionCase is a golden attention: its settings and its values.
type attentionCase struct {
	gradcheck.Case
	heads, hidden int
	layout        *Layout
}

func attentionOf(t *testing.T, name string) attentionCase {
	c := gradcheck.Golden(t, "ops").Sub(name)
	return attentionCase{c, c.Ints(t, "heads")[0], c.Tensor(t, "q").Shape[1], layout(c.Ints(t, "lengths"), c.Ints(t, "real"))}
}

// beside puts golden matrices side by side, as the op takes Q, K and V.
func (c attentionCase) beside(t *testing.T, names ...string) gradcheck.Value[float64] {
	var out []float64
	rows := c.layout.Rows()
	for i := range rows {
		for _, name := range names {
			out = append(out, c.Floats(t, name)[i*c.hidden:(i+1)*c.hidden]...)
		}
	}
	return gradcheck.Value[float64]{Data: out, Shape: []int{rows, len(names) * c.hidden}}
}

// rows are some rows of a golden matrix.
func (c attentionCase) rows(t *testing.T, name string, index []int32) []float64 {
	var out []float64
	for _, i := range index {
		out = append(out, c.Floats(t, name)[int(i)*c.hidden:int(i+1)*c.hidden]...)
	}
	return out
}

var attentionCases = []string{"attention", "attention_padded"}

func TestGoldenAttention(t *testing.T) {
	for _, name := range attentionCases {
		t.Run(name, func(t *testing.T) {
			c := attentionOf(t, name)
			sel := &Selection[float64]{Pick: PickAll, In: c.layout}
			var node *Node
			build := func(in []*Node) (n *Node, err error) {
				node, err = Attention(sel, Heads{Count: c.heads}, in[0])
				return node, err
			}
			got := gradcheck.Evaluate(t, build, c.Floats(t, "dy"), c.beside(t, "q", "k", "v"))
			gradcheck.Match(t, c.Case, "y", got.Y, gradcheck.Tolerance64)
			gradcheck.Close(t, "gradient of q, k, v", got.Grads[0], c.beside(t, "dq", "dk", "dv").Data, gradcheck.Tolerance64)
			var probs []float64
			for s := range c.layout.Sequences() {
				probs = append(probs, Probs[float64](node, s)...)
			}
			gradcheck.Match(t, c.Case, "probs", probs, gradcheck.Tolerance64)
		})
	}
}

// Attention whose gradient reads P keeps P once, and no more of it.
func TestAttentionKeepsPOnce(t *testing.T) {
	for _, pick := range []Pick{PickAll, PickTop, PickCLS} {
		c := attentionOf(t, "attention")
		sel := &Selection[float64]{Pick: pick, In: c.layout, Scoring: retention.Scoring{Keep: 2}}
		var node *Node
		build := func(in []*Node) (n *Node, err error) {
			node, err = Attention(sel, Heads{Count: c.heads}, in[0])
			return node, err
		}
		gradcheck.Evaluate(t, build, c.Floats(t, "dy")[:c.hidden], c.beside(t, "q", "k", "v"))
		a, size := node.Op().(*op[float64]).Computer.(*attention[float64]), 0
		for s := range c.layout.Sequences() {
			from, to, _ := c.layout.Bounds(s)
			size += c.heads * (to - from) * (to - from)
		}
		if len(a.probs) != size || len(a.kept) != 0 && len(a.kept) != size || (len(a.kept) > 0) != sel.Removes() {
			t.Errorf("pick %d: %d elements of P and %d of those that go on, want %d", pick, len(a.probs), len(a.kept), size)
		}
	}
}

// TestGoldenSignificance is every scoring convention, by attention and by value norms.
func TestGoldenSignificance(t *testing.T) {
	for _, name := range attentionCases {
		c := attentionOf(t, name)
		for score, want := range map[string]gradcheck.Case{"": c.Case, retention.ScoreValue: gradcheck.Golden(t, "values").Sub(name)} {
			for _, vote := range []bool{true, false} {
				for _, own := range []bool{true, false} {
					sel := &Selection[float64]{Pick: PickRank, In: c.layout, Scoring: retention.Scoring{Score: score, PadQueriesVote: vote, SubtractDiagonal: !own}}
					build := func(in []*Node) (*Node, error) { return Attention(sel, Heads{Count: c.heads}, in[0]) }
					gradcheck.Evaluate(t, build, c.Floats(t, "dy"), c.beside(t, "q", "k", "v"))
					key := fmt.Sprintf("sig_rows_%s_%s", choice(vote, "all", "valid"), choice(own, "diag", "nodiag"))
					gradcheck.Match(t, want, key, sel.Sig, gradcheck.Tolerance64)
				}
			}
		}
	}
}

func choice(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// TestEarlyGatherLeavesTheKeptRowsAlone: the rows that go on are those of the
// attention that removes none.
func TestEarlyGatherLeavesTheKeptRowsAlone(t *testing.T) {
	for _, name := range attentionCases {
		c := attentionOf(t, name)
		for _, pick := range []Pick{PickTop, PickLeaveOneOut, PickCLS} {
			sel := &Selection[float64]{Pick: pick, In: c.layout, Scoring: retention.Scoring{Keep: 2, Drop: 2}}
			build := func(in []*Node) (*Node, error) { return Attention(sel, Heads{Count: c.heads}, in[0]) }
			got := gradcheck.Evaluate(t, build, c.Floats(t, "dy")[:c.hidden], c.beside(t, "q", "k", "v"))
			gradcheck.Close(t, fmt.Sprint(name, ", pick ", pick), got.Y, c.rows(t, "y", sel.Kept), gradcheck.Tolerance64)
		}
	}
}

// TestLonelyAttention: attention of the [CLS] queries alone equals their rows,
// and its gradients equal those of the whole with no cotangent elsewhere.
func TestLonelyAttention(t *testing.T) {
	for _, name := range attentionCases {
		t.Run(name, func(t *testing.T) {
			c := attentionOf(t, name)
			sel := func() *Selection[float64] { return &Selection[float64]{Pick: PickCLS, In: c.layout} }
			var cls []int32
			for _, from := range c.layout.Offsets[:c.layout.Sequences()] {
				cls = append(cls, int32(from))
			}
			dy := c.rows(t, "dy", cls)
			whole := gradcheck.Evaluate(t, func(in []*Node) (*Node, error) { return Attention(sel(), Heads{Count: c.heads}, in[0]) },
				dy, c.beside(t, "q", "k", "v"))
			q := gradcheck.Value[float64]{Data: c.rows(t, "q", cls), Shape: []int{len(cls), c.hidden}}
			got := gradcheck.Evaluate(t, func(in []*Node) (*Node, error) { return Attention(sel(), Heads{Count: c.heads}, in...) },
				dy, q, c.beside(t, "k", "v"))
			gradcheck.Close(t, "y", got.Y, c.rows(t, "y", cls), gradcheck.Tolerance64)
			gradcheck.Close(t, "y of all queries", whole.Y, got.Y, 0)
			dq, dkv := c.split(whole.Grads[0], cls)
			gradcheck.Close(t, "gradient of q", got.Grads[0], dq, gradcheck.Tolerance64)
			gradcheck.Close(t, "gradient of k, v", got.Grads[1], dkv, gradcheck.Tolerance64)
		})
	}
}

// split takes Q's [CLS] rows and all of K and V out of a matrix of all three.
func (c attentionCase) split(qkv []float64, cls []int32) (q, kv []float64) {
	h := c.hidden
	for _, i := range cls {
		q = append(q, qkv[int(i)*3*h:int(i)*3*h+h]...)
	}
	for i := range c.layout.Rows() {
		kv = append(kv, qkv[i*3*h+h:(i+1)*3*h]...)
	}
	return q, kv
}

// TestPaddingDoesNotReachRealRows: with the padding queries silenced, a padded
// sequence attends, scores and ranks as the packed one does.
func TestPaddingDoesNotReachRealRows(t *testing.T) {
	c := attentionOf(t, "attention_padded")
	packed := layout(c.layout.Real, c.layout.Real)
	run := func(l *Layout, qkv gradcheck.Value[float64]) (*Selection[float64], gradcheck.Result[float64]) {
		sel := &Selection[float64]{Pick: PickRank, In: l}
		build := func(in []*Node) (*Node, error) { return Attention(sel, Heads{Count: c.heads}, in[0]) }
		return sel, gradcheck.Evaluate(t, build, make([]float64, l.Rows()*c.hidden), qkv)
	}
	all := c.beside(t, "q", "k", "v")
	padded, want := run(c.layout, all)
	var real gradcheck.Value[float64]
	real.Shape = []int{packed.Rows(), 3 * c.hidden}
	var rows []int32
	for s := range packed.Sequences() {
		from, _, n := c.layout.Bounds(s)
		for i := from; i < from+n; i++ {
			rows = append(rows, int32(i))
		}
	}
	for _, i := range rows {
		real.Data = append(real.Data, all.Data[int(i)*3*c.hidden:int(i+1)*3*c.hidden]...)
	}
	alone, got := run(packed, real)
	for k, i := range rows {
		gradcheck.Close(t, fmt.Sprint("row ", i), got.Y[k*c.hidden:(k+1)*c.hidden], want.Y[int(i)*c.hidden:int(i+1)*c.hidden], gradcheck.Tolerance64)
		gradcheck.Close(t, fmt.Sprint("significance of row ", i), alone.Sig[k:k+1], padded.Sig[i:i+1], gradcheck.Tolerance64)
		if alone.Rank[k] != padded.Rank[i] {
			t.Errorf("row %d has rank %d packed and %d padded", i, alone.Rank[k], padded.Rank[i])
		}
	}
}

// TestDrawnPositions follows a draw through three encoders: each keeps some of
// what the one before kept, in their order, [CLS] with them; what is drawn beyond
// the end of a sequence holds nothing; padding changes nothing; and Rows counts
// what is kept.
func TestDrawnPositions(t *testing.T) {
	order := []int32{0, 6, 2, 5, 1, 7, 3, 4, 8, 9}
	head := []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	tests := []struct {
		name     string
		order    []int32
		relative bool
		length   int
		kept     [3][]int32 // positions, for Keep 6, 4 and 1 of N = 8
	}{
		{"all drawn positions", order, false, 8, [3][]int32{{0, 1, 2, 5, 6, 7}, {0, 2, 5, 6}, {0}}},
		{"beyond the end", order, false, 4, [3][]int32{{0, 1, 2}, {0, 2}, {0}}},
		{"beyond N", order, false, 10, [3][]int32{{0, 1, 2, 5, 6, 7}, {0, 2, 5, 6}, {0}}},
		{"[CLS] alone", order, false, 1, [3][]int32{{0}, {0}, {0}}},
		{"relative", order, true, 4, [3][]int32{{0, 1, 2}, {0, 2}, {0}}}, // 3, 2 and 1 of 0 2 1 3
		{"relative of 5", order, true, 5, [3][]int32{{0, 1, 2, 3}, {0, 1, 2}, {0}}},
		{"head", head, false, 8, [3][]int32{{0, 1, 2, 3, 4, 5}, {0, 1, 2, 3}, {0}}},
		{"head, short", head, false, 5, [3][]int32{{0, 1, 2, 3, 4}, {0, 1, 2, 3}, {0}}},
		{"head, relative", head, true, 5, [3][]int32{{0, 1, 2, 3}, {0, 1, 2}, {0}}},
	}
	for _, tt := range tests {
		for _, rows := range []int{tt.length, 10} {
			in := &Layout{}
			in.Add(rows, tt.length, tt.length)
			in.Add(3, 3, 3) // a sequence behind it, whose rows must not be taken for its
			for j, keep := range []int{6, 4, 1} {
				sel := &Selection[float32]{Pick: PickDrawn, In: in,
					Scoring: retention.Scoring{Keep: keep, Length: 8, Relative: tt.relative, Draw: retention.NewDraw(tt.order)}}
				sel.pick()
				in = sel.Out()
				from, to, real := in.Bounds(0)
				if got := in.Positions[from : from+real]; !slices.Equal(got, tt.kept[j]) {
					t.Errorf("%s, %d rows: encoder %d keeps %v, want %v", tt.name, rows, j+1, got, tt.kept[j])
				}
				if n := sel.Scoring.Rows(rows, tt.length); n != to-from {
					t.Errorf("%s, %d rows: encoder %d keeps %d rows, counted as %d", tt.name, rows, j+1, to-from, n)
				}
			}
		}
	}
}

// TestSelectionKeepsCounts is how many rows go on and which of them are real.
func TestSelectionKeepsCounts(t *testing.T) {
	tests := []struct {
		name       string
		scoring    retention.Scoring
		rows, real int
		length     int // real rows before any encoder removed some
		kept, left int // rows that go on, and the real ones among them
	}{
		{"fewer than wanted", retention.Scoring{Keep: 5}, 3, 3, 3, 3, 3},
		{"as wanted", retention.Scoring{Keep: 2}, 7, 7, 7, 2, 2},
		{"at least [CLS]", retention.Scoring{Keep: 0}, 4, 4, 4, 1, 1},
		{"padding fills up", retention.Scoring{Keep: 4}, 8, 3, 3, 4, 3},
		{"relative rounds up", retention.Scoring{Keep: 4, Length: 8, Relative: true}, 5, 5, 5, 3, 3},
		{"relative counts real rows", retention.Scoring{Keep: 4, Length: 8, Relative: true}, 8, 3, 3, 2, 2},
		{"relative counts the rows of the input", retention.Scoring{Keep: 4, Length: 8, Relative: true}, 4, 4, 8, 4, 4},
		{"relative keeps one", retention.Scoring{Keep: 1, Length: 64, Relative: true}, 3, 3, 3, 1, 1},
	}
	for _, tt := range tests {
		sel := &Selection[float32]{Pick: PickTop, Scoring: tt.scoring, In: &Layout{}}
		sel.In.Reset()
		sel.In.Add(tt.rows, tt.real, tt.length)
		sel.pick()
		_, to, real := sel.Out().Bounds(0)
		if to != tt.kept || len(sel.Kept) != tt.kept || real != tt.left {
			t.Errorf("%s: %d rows go on, %d of them real, want %d and %d", tt.name, to, real, tt.kept, tt.left)
		}
		if sel.Kept[0] != 0 {
			t.Errorf("%s: [CLS] is not kept: %v", tt.name, sel.Kept)
		}
	}
}

// TestOthersAreAllButOne: the word-vector of the rank goes, and no other; [CLS] and
// padding never do.
func TestOthersAreAllButOne(t *testing.T) {
	in := &Layout{}
	in.Add(6, 5, 5) // the last row is padding
	in.Add(3, 3, 3)
	sig := []float64{0.1, 0.4, 0.9, 0.4, 0.7, 0, 2, 1, 3}
	for k, want := range [][]int32{
		{0, 1, 2, 3, 4, 5, 6, 7, 8}, // of no rank
		{0, 1, 3, 4, 5, 6, 7},
		{0, 1, 2, 3, 5, 6, 8},
		{0, 2, 3, 4, 5, 6, 7, 8}, // of equals the first; the other sequence has no third
		{0, 1, 2, 4, 5, 6, 7, 8},
		{0, 1, 2, 3, 4, 5, 6, 7, 8},
		{0, 1, 2, 3, 4, 5, 6, 7, 8},
	} {
		sel := &Selection[float64]{Pick: PickLeaveOneOut, In: in, Scoring: retention.Scoring{Drop: k, ProtectCLS: true}}
		sel.reset(1)
		copy(sel.Sig, sig)
		for s := range in.Sequences() {
			sel.choose(s)
		}
		if !slices.Equal(sel.Kept, want) {
			t.Errorf("without rank %d: rows %v go on, want %v", k, sel.Kept, want)
		}
		if n := sel.Out().Rows(); n != len(want) || sel.Out().Sequences() != 2 {
			t.Errorf("without rank %d: %d rows in %d sequences, want %d in 2", k, n, sel.Out().Sequences(), len(want))
		}
	}
}

// Rows that go on have the bits that they have where all do, in float32 and of products that
// read bfloat16, which are others; with a window and with gradients nothing is rounded.
func TestAttentionOfSomeIsThatOfAll(t *testing.T) {
	const heads, d = 3, 11
	in := &Layout{}
	for _, s := range [][2]int{{5, 5}, {1, 1}, {60, 41}, {7, 1}, {300, 300}} {
		in.Add(s[0], s[1], s[1])
	}
	order := make([]int32, 300)
	for i := range order {
		order[i] = int32(7 * i % 300)
	}
	hidden := heads * d
	x := drawn(in.Rows()*3*hidden, 1)
	run := func(pick Pick, score string, how Heads) (*Selection[float32], []float32) {
		how.Count = heads
		sel := &Selection[float32]{Pick: pick, In: in, Scoring: retention.Scoring{Keep: 20, Drop: 2, Length: 300, Score: score, Draw: retention.NewDraw(order)}}
		g := NewGraph()
		y, err := Attention(sel, how, Input(g, "x", x, in.Rows(), 3*hidden))
		if err != nil {
			t.Fatal(err)
		}
		return sel, slices.Clone(ran[float32](t, g, nil, y)[0])
	}
	var all [2][]float32
	for i, rounded := range []bool{false, true} {
		_, all[i] = run(PickAll, "", Heads{Rounded: rounded})
		for _, pick := range []Pick{PickRank, PickTop, PickDrawn, PickLeaveOneOut} {
			for _, score := range []string{"", retention.ScoreValue} {
				sel, got := run(pick, score, Heads{Rounded: rounded})
				if len(got) != sel.Out().Rows()*hidden {
					t.Fatalf("pick %d: %d values of %d rows", pick, len(got), sel.Out().Rows())
				}
				for r := range sel.Out().Rows() {
					from := sel.entered(r)
					if !slices.Equal(got[r*hidden:(r+1)*hidden], all[i][from*hidden:(from+1)*hidden]) {
						t.Fatalf("pick %d by %q, rounded %v: row %d is not row %d of all", pick, score, rounded, r, from)
					}
				}
			}
		}
	}
	far := 0.0
	for i, v := range all[0] {
		far = max(far, math.Abs(float64(v-all[1][i])))
	}
	if far < 1e-5 || far > 0.05 {
		t.Errorf("rounded products are %g from the others", far)
	}
	window := &Window{Reach: 8, Tile: 4}
	_, want := run(PickAll, "", Heads{Window: window})
	if _, got := run(PickAll, "", Heads{Window: window, Rounded: true}); !slices.Equal(got, want) {
		t.Error("a window rounds")
	}
}

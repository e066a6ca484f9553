package ops

import (
	"fmt"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/retention"
)

// capacity is the row count that the graphs here declare; no batch has as many.
const capacity = 17

// sequence is the length of a sequence and how many of its rows are real.
type sequence struct{ rows, real int }

// ragged are three batches of unlike sizes: the second is larger than the first
// and the third smaller than both, so that buffers grow and are left part used.
var ragged = [][]sequence{
	{{4, 4}, {1, 1}, {3, 3}},
	{{2, 2}, {6, 6}, {5, 5}, {1, 1}},
	{{3, 3}},
}

// padded are batches in which rows of padding follow the real ones.
var padded = [][]sequence{
	{{5, 3}, {5, 5}, {5, 1}},
	{{4, 2}},
}

// fill makes batch b of the sequences, with ids and types below the table sizes
// that the tests use.
func (b *Batch) fill(sequences []sequence) {
	b.Reset()
	for s, q := range sequences {
		ids, types := make([]int32, q.real), make([]int32, q.real)
		for i := range ids {
			ids[i], types[i] = int32((3*i+5*s+1)%7), int32((i+s)%2)
		}
		b.AddSequence(ids, types, q.rows, 0)
		b.Masked = append(b.Masked, int32(b.Offsets[s]+q.real/2))
	}
	b.Seed = 99
}

// pick decides what a selection would have after an attention: the last of n
// word-vectors is the most significant.
func (s *Selection[T]) pick() {
	s.reset(1)
	for i := range s.Sig {
		s.Sig[i] = T((7*i)%11) + T(i)/100
	}
	for seq := range s.In.Sequences() {
		s.choose(seq)
	}
}

// gradientRow is a row of the table: an op, its inputs and its batches. The
// batch is shared by the rows of a test; sel, where given, is set by pick.
type gradientRow struct {
	name    string
	batches [][]sequence
	sel     *Selection[float64]
	inputs  []gradcheck.Input
	build   func(in []*Node) (*Node, error)
}

func (row gradientRow) check(t *testing.T, b *Batch) {
	op := gradcheck.Op{Inputs: row.inputs, Build: row.build, Seed: 3}
	for _, sequences := range row.batches {
		op.Batches = append(op.Batches, func() {
			b.fill(sequences)
			if row.sel != nil {
				row.sel.pick()
			}
		})
	}
	gradcheck.Check(t, op)
}

// matrix is an input with a row per word-vector of the batch.
func matrix(name string, b *Batch, cols int) gradcheck.Input {
	return gradcheck.Input{Name: name, Shape: []int{capacity, cols}, Rows: b.Rows}
}

func fixed(name string, shape ...int) gradcheck.Input {
	return gradcheck.Input{Name: name, Shape: shape}
}

// TestGradients holds every op against central differences. A new op earns its
// place with a row here and a golden value in TestGolden.
func TestGradients(t *testing.T) {
	b := &Batch{}
	x := func(cols int) []gradcheck.Input { return []gradcheck.Input{matrix("x", b, cols)} }
	rows := []gradientRow{
		{"linear", ragged, nil, append(x(5), fixed("w", 4, 5), fixed("b", 4)),
			func(in []*Node) (*Node, error) { return Linear(kernel.Exact[float64]{}, in[0], in[1], in[2]) }},
		{"linear without a bias", ragged, nil, append(x(5), fixed("w", 4, 5)),
			func(in []*Node) (*Node, error) { return Linear(kernel.Exact[float64]{}, in[0], in[1], nil) }},
		{"layer norm without β", ragged, nil, append(x(7), fixed("gamma", 7)),
			func(in []*Node) (*Node, error) { return LayerNorm[float64](in[0], in[1], nil, 1e-5) }},
		{"embedding without positions", append(ragged, padded...), nil, []gradcheck.Input{fixed("word", 7, 5)},
			func(in []*Node) (*Node, error) { return Embedding[float64](b, capacity, in[0], nil, nil) }},
		{"embedding with types alone", append(ragged, padded...), nil, []gradcheck.Input{fixed("word", 7, 5), fixed("type", 2, 5)},
			func(in []*Node) (*Node, error) { return Embedding[float64](b, capacity, in[0], nil, in[1]) }},
		{"rotary", append(ragged, padded...), nil, x(11),
			func(in []*Node) (*Node, error) {
				return Rotary(&b.Layout, NewTurns[float64]([]float32{0.7, 0.11}), in[0], 8)
			}},
		{"gated by GELU", ragged, nil, x(10),
			func(in []*Node) (*Node, error) { return Gated(in[0], kernel.GELU[float64], kernel.GELUGrad[float64]) }},
		{"gated by tanh", ragged, nil, x(6),
			func(in []*Node) (*Node, error) { return Gated(in[0], kernel.Tanh[float64], kernel.TanhGrad[float64]) }},
		{"mean", append(ragged, padded...), nil, x(5),
			func(in []*Node) (*Node, error) { return Mean[float64](&b.Layout, in[0]) }},
		{"gelu", ragged, nil, x(5),
			func(in []*Node) (*Node, error) { return GELU[float64](in[0]) }},
		{"gelu, tanh form", ragged, nil, x(5),
			func(in []*Node) (*Node, error) { return GELUTanh[float64](in[0]) }},
		{"relu", ragged, nil, x(5),
			func(in []*Node) (*Node, error) { return ReLU[float64](in[0]) }},
		{"silu", ragged, nil, x(5),
			func(in []*Node) (*Node, error) { return SiLU[float64](in[0]) }},
		{"tanh", ragged, nil, x(3),
			func(in []*Node) (*Node, error) { return Tanh[float64](in[0]) }},
		{"layer norm", ragged, nil, append(x(7), fixed("gamma", 7), fixed("beta", 7)),
			func(in []*Node) (*Node, error) { return LayerNorm[float64](in[0], in[1], in[2], 1e-12) }},
		{"layer norm of a large eps", ragged, nil, append(x(3), fixed("gamma", 3), fixed("beta", 3)),
			func(in []*Node) (*Node, error) { return LayerNorm[float64](in[0], in[1], in[2], 0.5) }},
		{"embedding", append(ragged, padded...), nil, []gradcheck.Input{fixed("word", 7, 5), fixed("position", 6, 5), fixed("type", 2, 5)},
			func(in []*Node) (*Node, error) { return Embedding[float64](b, capacity, in[0], in[1], in[2]) }},
		{"embedding without types", append(ragged, padded...), nil, []gradcheck.Input{fixed("word", 7, 5), fixed("position", 6, 5)},
			func(in []*Node) (*Node, error) { return Embedding[float64](b, capacity, in[0], in[1], nil) }},
		{"embedding that counts", append(ragged, padded...), nil, []gradcheck.Input{fixed("word", 7, 5), fixed("position", 9, 5), fixed("type", 2, 5)},
			func(in []*Node) (*Node, error) {
				pad := int32(2)
				b.Pad = &pad
				return Embedding[float64](b, capacity, in[0], in[1], in[2])
			}},
		{"first", append(ragged, padded...), nil, x(5),
			func(in []*Node) (*Node, error) { return First[float64](&b.Layout, in[0]) }},
		{"dropout", ragged, nil, x(5),
			func(in []*Node) (*Node, error) { return Drop[float64](in[0], Dropout{0.4, 2, b}) }},
		{"residual", ragged, nil, append(x(3), matrix("branch", b, 3)),
			func(in []*Node) (*Node, error) { return Residual[float64](nil, in[1], in[0]) }},
		{"residual of one node", ragged, nil, x(3),
			func(in []*Node) (*Node, error) { return Residual[float64](nil, in[0], in[0]) }},
		{"masked", append(ragged, padded...), nil, x(5),
			func(in []*Node) (*Node, error) { return Masked[float64](b, in[0]) }},
	}
	rows = append(rows, selectionRows(b)...)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) { row.check(t, b) })
	}
}

// selectionRows are the ops that read what an attention selected.
func selectionRows(b *Batch) (rows []gradientRow) {
	all := append(slices.Clone(ragged), padded...)
	scorings := map[string]retention.Scoring{
		"absolute":            {},
		"relative":            {Relative: true},
		"absolute, protected": {ProtectCLS: true},
	}
	for name, scoring := range scorings {
		for _, pick := range []Pick{PickRank, PickRankCLS} {
			sel := &Selection[float64]{Pick: pick, In: &b.Layout, Scoring: scoring}
			x := gradcheck.Input{Name: "x", Shape: []int{capacity, 5}, Rows: func() int { return sel.Out().Rows() }}
			rows = append(rows, gradientRow{fmt.Sprintf("soft extract %d, %s", pick, name), all, sel,
				[]gradcheck.Input{x, fixed("r", 7)},
				func(in []*Node) (*Node, error) { return SoftExtract(sel, in[0], in[1]) }})
		}
	}
	for name, sel := range map[string]*Selection[float64]{
		"top":      {Pick: PickTop, In: &b.Layout, Scoring: retention.Scoring{Keep: 2}},
		"relative": {Pick: PickTop, In: &b.Layout, Scoring: retention.Scoring{Keep: 3, Length: 6, Relative: true}},
		"[CLS]":    {Pick: PickCLS, In: &b.Layout},
	} {
		branch := gradcheck.Input{Name: "branch", Shape: []int{capacity, 3}, Rows: func() int { return sel.Out().Rows() }}
		rows = append(rows, gradientRow{"residual, " + name, all, sel,
			[]gradcheck.Input{branch, matrix("x", b, 3)},
			func(in []*Node) (*Node, error) { return Residual(sel, in[0], in[1]) }})
	}
	return rows
}

// TestAttentionGradients holds attention against central differences, over
// everything it can select, with and without dropout, packed and padded.
func TestAttentionGradients(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine alone: nothing for the race detector")
	}
	b := &Batch{}
	selections := []struct {
		name string
		sel  Selection[float64]
	}{
		{"all", Selection[float64]{Pick: PickAll}},
		{"rank", Selection[float64]{Pick: PickRank}},
		{"top", Selection[float64]{Pick: PickTop, Scoring: retention.Scoring{Keep: 3}}},
		{"top relative", Selection[float64]{Pick: PickTop, Scoring: retention.Scoring{Keep: 3, Length: 6, Relative: true}}},
		{"drawn", Selection[float64]{Pick: PickDrawn, Scoring: retention.Scoring{Keep: 3, Draw: retention.NewDraw([]int32{0, 3, 1, 5, 2, 4})}}},
		{"leave one out", Selection[float64]{Pick: PickLeaveOneOut, Scoring: retention.Scoring{Drop: 2, ProtectCLS: true}}},
		{"[CLS] of all queries", Selection[float64]{Pick: PickCLS}},
		{"[CLS], ranked", Selection[float64]{Pick: PickRankCLS}},
	}
	for _, s := range selections {
		for _, rate := range []float64{0, 0.3} {
			name := s.name
			if rate > 0 {
				name += ", dropout"
			}
			sel := s.sel
			sel.In = &b.Layout
			row := gradientRow{name, append(slices.Clone(ragged), padded...), nil, []gradcheck.Input{matrix("qkv", b, 3*6)},
				func(in []*Node) (*Node, error) {
					return Attention(&sel, Heads{Count: 2, Drop: Dropout{rate, 1, b}}, in[0])
				}}
			t.Run(name, func(t *testing.T) { row.check(t, b) })
			row.inputs = append(row.inputs, fixed("bias", 4, 2))
			row.build = func(in []*Node) (*Node, error) {
				return Attention(&sel, Heads{Count: 2, Drop: Dropout{rate, 1, b}, Relative: &Relative{in[1], distances}}, in[0])
			}
			t.Run(name+", relative", func(t *testing.T) { row.check(t, b) })
			row.inputs = row.inputs[:1]
			row.build = func(in []*Node) (*Node, error) {
				return Attention(&sel, Heads{Count: 2, Drop: Dropout{rate, 1, b}, Window: &Window{1, 2}}, in[0])
			}
			t.Run(name+", window", func(t *testing.T) { row.check(t, b) })
		}
	}
}

// distances are rows of a table of four by distance: from three before on, two before, one
// before or none, and so on.
var distances = []int32{1, 0, 3, 0, 2, 2, 1}

// TestLonelyAttentionGradients is attention of the [CLS] queries alone.
func TestLonelyAttentionGradients(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	b := &Batch{}
	for name, rate := range map[string]float64{"plain": 0, "dropout": 0.3} {
		sel := &Selection[float64]{Pick: PickCLS, In: &b.Layout}
		q := gradcheck.Input{Name: "q", Shape: []int{capacity, 6}, Rows: b.Sequences}
		row := gradientRow{name, append(slices.Clone(ragged), padded...), nil, []gradcheck.Input{q, matrix("kv", b, 2*6)},
			func(in []*Node) (*Node, error) {
				return Attention(sel, Heads{Count: 3, Drop: Dropout{rate, 1, b}}, in...)
			}}
		t.Run(name, func(t *testing.T) { row.check(t, b) })
		row.inputs = append(row.inputs, fixed("bias", 4, 3))
		row.build = func(in []*Node) (*Node, error) {
			return Attention(sel, Heads{Count: 3, Drop: Dropout{rate, 1, b}, Relative: &Relative{in[2], distances}}, in[0], in[1])
		}
		t.Run(name+", relative", func(t *testing.T) { row.check(t, b) })
		row.inputs = row.inputs[:2]
		row.build = func(in []*Node) (*Node, error) {
			return Attention(sel, Heads{Count: 3, Drop: Dropout{rate, 1, b}, Window: &Window{2, 3}}, in...)
		}
		t.Run(name+", window", func(t *testing.T) { row.check(t, b) })
	}
}

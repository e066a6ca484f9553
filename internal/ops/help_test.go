package ops

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/retention"
)

// backwards is help that takes the pieces from the last to the first, and counts calls.
func backwards(calls *int) kernel.Each {
	return func(n int, f func(i int)) {
		*calls++
		for i := range n {
			f(n - 1 - i)
		}
	}
}

// Pieces of rows hold each row once: at most pieceSize elements, or one row.
func TestRowsAreCutIntoPieces(t *testing.T) {
	for _, c := range []struct{ n, cols, pieces int }{
		{1, 7, 1}, {1170, 7, 1}, {1171, 7, 2}, {2340, 7, 2}, {2341, 7, 3}, {2, pieceSize, 2}, {3, 2*pieceSize + 1, 3},
	} {
		calls, pieces := 0, 0
		seen := make([]int, c.n)
		w := work[float32]{help: backwards(&calls)}
		w.rows(c.n, c.cols, func(from, to int) {
			pieces++
			if from >= to || to-from > 1 && (to-from)*c.cols > pieceSize {
				t.Errorf("%d rows of %d: a piece from %d to %d", c.n, c.cols, from, to)
			}
			for i := from; i < to; i++ {
				seen[i]++
			}
		})
		if pieces != c.pieces || slices.Min(seen) != 1 || slices.Max(seen) != 1 || calls != min(pieces-1, 1) {
			t.Errorf("%d rows of %d: %d pieces in %d calls, want %d; each row %d to %d times",
				c.n, c.cols, pieces, calls, c.pieces, slices.Min(seen), slices.Max(seen))
		}
	}
}

// What an op computes does not depend on who helps.
func TestHelpChangesNoBit(t *testing.T) {
	const rows, cols = 4901, 21 // three pieces and a bit
	sequences := &Layout{}
	for i := range 7 { // 7·10⁶ multiply-adds of attention, and as many votes
		sequences.Add(690+3*i, 690+2*i, 690+2*i)
	}
	sel := func(pick Pick) *Selection[float32] {
		return &Selection[float32]{Pick: pick, In: sequences, Scoring: retention.Scoring{Keep: 650}}
	}
	for name, test := range map[string]struct {
		rows, cols int
		build      func(g *Graph, x *Node) (*Node, error)
	}{
		"gelu":      {rows, cols, func(_ *Graph, x *Node) (*Node, error) { return GELU[float32](x) }},
		"gelu tanh": {rows, cols, func(_ *Graph, x *Node) (*Node, error) { return GELUTanh[float32](x) }},
		"layer norm": {rows, cols, func(g *Graph, x *Node) (*Node, error) {
			return LayerNorm[float32](x, Input(g, "gamma", drawn(cols, 2), cols), Input(g, "beta", drawn(cols, 3), cols), 1e-5)
		}},
		"linear": {rows, cols, func(g *Graph, x *Node) (*Node, error) {
			return Linear(kernel.Exact[float32]{}, x, Input(g, "w", drawn(43*cols, 2), 43, cols), Input(g, "b", drawn(43, 3), 43))
		}},
		"residual": {rows, cols, func(g *Graph, x *Node) (*Node, error) {
			return Residual[float32](nil, Input(g, "branch", drawn(rows*cols, 2), rows, cols), x)
		}},
		"attention": {sequences.Rows(), 6, func(_ *Graph, x *Node) (*Node, error) { return Attention(sel(PickRank), Heads{Count: 2}, x) }},
		"attention by value": {sequences.Rows(), 6, func(_ *Graph, x *Node) (*Node, error) {
			s := sel(PickTop)
			s.Scoring.Score = retention.ScoreValue
			return Attention(s, Heads{Count: 2}, x)
		}},
		"attention of top": {sequences.Rows(), 6, func(_ *Graph, x *Node) (*Node, error) { return Attention(sel(PickTop), Heads{Count: 2}, x) }},
	} {
		calls := 0
		run := func(help kernel.Each) []float32 {
			g := NewGraph()
			y, err := test.build(g, Input(g, "x", drawn(test.rows*test.cols, 1), test.rows, test.cols))
			if err != nil {
				t.Fatal(err)
			}
			return slices.Clone(ran[float32](t, g, help, y)[0])
		}
		if !slices.Equal(run(nil), run(backwards(&calls))) || calls == 0 {
			t.Errorf("%s: other values with help, which was called %d times", name, calls)
		}
	}
}

// drawn are n numbers that belong to a seed.
func drawn(n int, seed uint64) []float32 {
	random := rand.New(rand.NewPCG(seed, 0))
	list := make([]float32, n)
	for i := range list {
		list[i] = float32(random.NormFloat64())
	}
	return list
}

// ran plans a graph, runs it twice and returns the values of nodes.
func ran[T kernel.Float](t *testing.T, g *Graph, help kernel.Each, nodes ...*Node) (values [][]T) {
	t.Helper()
	m, err := Plan[T](g, help, nodes...)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		m.Run()
	}
	for _, n := range nodes {
		values = append(values, Values[T](n))
	}
	return values
}

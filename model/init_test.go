package model

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/model/arch"
)

// In the mean over a text, an encoder attends most to the words at each head's
// offset: 1 before, 1 after, 2 before, …
func TestInitLocalAttendsToNeighbours(t *testing.T) {
	const far = 9
	for _, c := range []struct{ hidden, heads, rows int }{{64, 2, 40}, {66, 3, 51}, {128, 4, 128}} {
		config := arch.DefaultBERT()
		config.VocabSize, config.HiddenSize, config.NumHiddenLayers, config.NumAttentionHeads = 200, c.hidden, 2, c.heads
		config.IntermediateSize, config.MaxPositionEmbeddings = 16, c.rows
		p := NewParams[float64](config)
		p.InitLocal(3)
		x := embedded(p, c.hidden)
		for j := range 2 {
			a := config.Net().Blocks[j].Attention
			query, key := p.Slice(a.Query.Weight()), p.Slice(a.Key.Weight())
			for a := range c.heads {
				span := c.hidden / c.heads
				head := func(w []float64) []float64 { return w[a*span*c.hidden : (a+1)*span*c.hidden] }
				best, at := 0.0, 0
				for offset := -far; offset <= far; offset++ {
					mean := 0.0
					for i := far; i < c.rows-far; i++ {
						mean += score(head(query), head(key), x[i], x[i+offset]) / float64(c.rows-2*far)
					}
					if mean > best {
						best, at = mean, offset
					}
				}
				if want := []int{-1, 1, -2, 2}[a]; at != want {
					t.Errorf("H %d, encoder %d, head %d of %d attends most at %d, want %d", c.hidden, j+1, a, c.heads, at, want)
				}
			}
		}
	}
}

// InitLocal changes the start in two ways alone. Positions become points on circles, twice
// as long as a word is on average: √2·σ in each pair. Queries and keys are added turns: in
// each pair of a head's rows [[cos, sin], [−sin, cos]], whose keys undo the distance.
func TestInitLocalAddsToInit(t *testing.T) {
	config := arch.DefaultBERT()
	config.VocabSize, config.HiddenSize, config.NumHiddenLayers, config.NumAttentionHeads = 31, 24, 2, 3
	config.IntermediateSize, config.MaxPositionEmbeddings, config.InitializerRange = 16, 7, 0.03
	plain, local := NewParams[float64](config), NewParams[float64](config)
	plain.Init(3)
	local.InitLocal(3)
	for _, tensor := range local.Tensors() {
		before, after := plain.Slice(tensor.Name), local.Slice(tensor.Name)
		switch {
		case strings.Contains(tensor.Name, "position_embeddings"):
			for i := 0; i < len(after); i += 2 {
				if length := math.Hypot(after[i], after[i+1]); math.Abs(length-2*math.Sqrt2*0.03) > 1e-12 {
					t.Errorf("pair %d of the positions has length %v, want 2·√2·0.03", i/2, length)
				}
			}
		case strings.HasSuffix(tensor.Name, "query.weight"), strings.HasSuffix(tensor.Name, "key.weight"):
			addsTurns(t, tensor.Name, before, after, 24)
		case !slices.Equal(before, after):
			t.Errorf("%s differs from Init", tensor.Name)
		}
	}
}

// addsTurns wants every two rows of weights (h, h) to be added one turn of one pair, a
// query's by nothing, and every pair to be turned once: the heads share them out.
func addsTurns(t *testing.T, name string, before, after []float64, h int) {
	t.Helper()
	turned := make([]int, h/2)
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }
	for r := 0; r < h; r += 2 {
		for k := 0; k < h; k += 2 {
			at, below := r*h+k, (r+1)*h+k
			m := [4]float64{after[at] - before[at], after[at+1] - before[at+1], after[below] - before[below], after[below+1] - before[below+1]}
			if m == [4]float64{} {
				continue
			}
			turned[k/2]++
			if !near(m[0], m[3]) || !near(m[1], -m[2]) || !near(math.Hypot(m[0], m[1]), 1) || strings.Contains(name, "query") && !near(m[0], 1) {
				t.Errorf("%s: rows %d and %d are added %v, want a turn", name, r, r+1, m)
			}
		}
	}
	if slices.Min(turned) != 1 || slices.Max(turned) != 1 {
		t.Errorf("%s turns the pairs %v times, want once each", name, turned)
	}
}

// embedded is words 1, 2, … at positions 0, 1, …, as far as there are positions.
func embedded(p *Params[float64], h int) [][]float64 {
	words, positions := p.Slice("bert.embeddings.word_embeddings.weight"), p.Slice("bert.embeddings.position_embeddings.weight")
	all := make([][]float64, len(positions)/h)
	for i := range all {
		all[i] = make([]float64, h)
		for k := range h {
			all[i][k] = words[(i+1)*h+k] + positions[i*h+k]
		}
	}
	return all
}

// score is the product of x's query and y's key.
func score(query, key, x, y []float64) (sum float64) {
	h := len(x)
	for r := 0; r < len(query); r += h {
		q, k := 0.0, 0.0
		for i := range x {
			q += query[r+i] * x[i]
			k += key[r+i] * y[i]
		}
		sum += q * k
	}
	return sum
}

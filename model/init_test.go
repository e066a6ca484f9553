package model

import (
	"testing"

	"github.com/powerbert/powerbert/model/arch"
)

// In the mean over a text, an encoder attends most to the words at each head's
// offset: 1 before, 1 after, 2 before, …
func TestInitLocalAttendsToNeighbours(t *testing.T) {
	const far = 9
	for _, c := range []struct{ hidden, heads, rows int }{{64, 2, 40}, {66, 3, 51}, {128, 4, 128}} {
		config := arch.DefaultConfig()
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

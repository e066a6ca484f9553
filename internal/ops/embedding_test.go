package ops

import (
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
)

// A table of words in 8 bits is looked up as the floats that it stands for are, with other
// tables or without, and has no gradient.
func TestInt8Embedding(t *testing.T) {
	words := &kernel.Int8Table[float32]{Values: []int8{1, -2, 3, 127, -127, 0, 5, 6, 7}, Scales: []float32{0.5, 0.3, 2}, Width: 3}
	position, typ := []float32{0.1, 0.2, 0.3, 0.4, 0.5, 0.6}, []float32{-1, -2, -3, -4, -5, -6}
	for name, with := range map[string][2]bool{"alone": {}, "positions": {true, false}, "types": {false, true}, "both": {true, true}} {
		b := &Batch{}
		b.AddSequence([]int32{2, 1}, []int32{1, 0}, 0, 0)
		b.AddSequence([]int32{0}, []int32{1}, 0, 0)
		g := NewGraph()
		others := func(suffix string) (p, q *Node) {
			if with[0] {
				p = Input(g, "position"+suffix, position, 2, 3)
			}
			if with[1] {
				q = Input(g, "type"+suffix, typ, 2, 3)
			}
			return p, q
		}
		p, q := others("")
		scales := Input(g, "scales", words.Scales, 3)
		got, err := Int8Embedding(b, 3, words, scales, p, q)
		if err != nil {
			t.Fatal(err)
		}
		p, q = others(" of floats")
		want, err := Embedding[float32](b, 3, Input(g, "floats", words.Floats(), 3, 3), p, q)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Plan[float32](g, nil, got, want)
		if err != nil {
			t.Fatal(err)
		}
		m.Run()
		if x, y := Values[float32](got), Values[float32](want); len(x) != 9 || !slices.Equal(x, y) {
			t.Errorf("%s: %v, want %v", name, x, y)
		}
	}
}

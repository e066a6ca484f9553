package ops

import (
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
)

// adding is weights that take a sum along.
type adding struct{ kernel.Rows[float64] }

func (w adding) Added(y, x, bias, to []float64, rows int, each kernel.Each) {
	w.Affine(y, x, bias, rows, each)
	kernel.Add(y, to[:len(y)])
}

// The addend of every row is its own, with a bias and without.
func TestAdded(t *testing.T) {
	w := adding{kernel.Rows[float64]{Data: []float64{1, 2, 3, 4, 5, 6}, Out: 3, In: 2}}
	for name, want := range map[string][]float64{"bias": {115, 229, 343, 415, 533, 655}, "none": {105, 211, 317, 405, 515, 629}} {
		g := NewGraph()
		x, to := Input(g, "x", []float64{1, 2, 1, 3}, 2, 2), Input(g, "to", []float64{100, 200, 300, 398, 500, 606}, 2, 3)
		var b *Node
		if name == "bias" {
			b = Input(g, "b", []float64{10, 18, 26}, 3)
		}
		y, err := Added[float64](w, x, b, to)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Plan[float64](g, nil, y)
		if err != nil {
			t.Fatal(err)
		}
		m.Run()
		if got := Values[float64](y); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// What does not fit is refused as the graph is built.
func TestAddedRefuses(t *testing.T) {
	w := adding{kernel.Rows[float64]{Data: make([]float64, 6), Out: 3, In: 2}}
	g := NewGraph()
	at := func(name string, cols int) *Node { return Input(g, name, make([]float64, 2*cols), 2, cols) }
	for want, in := range map[string]Nodes{
		"added: x has 3 columns, want 2 as the weights":          {at("x3", 3), at("a3", 3)},
		"added: the addend has 2 columns, want 3 as the weights": {at("x2", 2), at("a2", 2)},
	} {
		if _, err := Added[float64](w, in[0], nil, in[1]); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

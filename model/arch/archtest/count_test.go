package archtest

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/retention"
)

// What hard extraction really costs: the mapping of 13 rows, three encoders of early
// gather, and the last for [CLS].
func TestCost(t *testing.T) {
	const e, h, f = 10, 15, 22
	c, want, n := tower(), 13*e*h, 13
	for _, l := range []int{9, 7, 5} {
		want += 3*n*h*h + n*n*h + l*n*h + l*h*h + 2*l*h*f
		n = l
	}
	want += (2*n+1)*h*h + 2*n*h + h*h + 2*h*f
	keep := hard(9, 7, 5, 2)
	if got := c.Net().Cost(&keep, 13, 13); got != want {
		t.Errorf("%d multiply-adds, want %d", got, want)
	}
}

// A network holds as much as is foretold, within a tenth.
func TestActivations(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine alone: nothing for the race detector")
	}
	c := tower()
	c.NumHiddenLayers, c.EmbeddingSize, c.HiddenSize, c.NumAttentionHeads, c.IntermediateSize, c.MaxPositionEmbeddings = 6, 30, 96, 6, 250, 130
	p := random[float32](c)
	// A product takes memory that serves all later ones: as much as runs at once.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	lengths := []int{3, 60, 20, 31, 9, 40, 12, 120, 77, 5, 8, 90, 33, 18, 22, 41}
	held(t, filled(t, c, p, model.Use{Train: true}, lengths...), true)
	for name, e := range map[string]retention.Elimination{
		"dense": {}, "hard": {Keep: []int{90, 70, 50, 40, 12, 1}, Length: 130}, "soft": {Soft: true, Length: longest, Relative: true},
	} {
		for _, train := range []bool{true, false} {
			use := model.Use{Elimination: e, Train: train}
			want, got := c.Net().Activations(use.Pass(), lengths, 0), held(t, filled(t, c, p, use, lengths...), train)
			if math.Abs(float64(want-got)) > 0.1*float64(got) {
				t.Errorf("%s: the network holds %d values, foretold are %d", fmt.Sprint(name, ", train ", train), got, want)
			}
		}
	}
}

// held is the values that a network comes to hold by running its batch, the sum of its
// gradients left out.
func held(t *testing.T, n *model.Net[float32], train bool) int {
	t.Helper()
	if !train {
		return Held(t, n.Forward)
	}
	g, err := model.NewGradients(n)
	if err != nil {
		t.Fatal(err)
	}
	return Held(t, func() error { return g.Run(1, false, nil) })
}

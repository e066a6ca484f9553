package model

import (
	"testing"

	"github.com/powerbert/powerbert/retention"
)

// A network whose counts change computes what one built with them does, to the bit: logits
// and gradients, from fewer rows to more and back, by scores and by drawn positions.
func TestRetainIsANetworkOfThoseCounts(t *testing.T) {
	order := []int32{0, 7, 3, 1, 12, 5, 2, 4, 6, 8, 9, 10, 11}
	for name, draw := range map[string]*retention.Draw{"scored": nil, "drawn": retention.NewDraw(order)} {
		of := func(l ...int) Use {
			e := keep(l...)
			e.Draw = draw
			return Use{Train: true, Elimination: e}
		}
		n := identityNet(t, of(6, 4, 3, 1), 0)
		g := gradientsOf(t, n)
		for _, counts := range [][]int{{13, 13, 9, 2}, {2, 1, 1, 1}, {6, 4, 3, 1}} {
			if err := n.Retain(counts); err != nil {
				t.Fatal(err)
			}
			built := identityNet(t, of(counts...), 0)
			want := gradientsOf(t, built)
			for _, sum := range []*Gradients[float64]{g, want} {
				if err := sum.Run(1, false, nil); err != nil {
					t.Fatal(err)
				}
			}
			wantSame(t, name+": logits", logits(n), logits(built), 0)
			wantSame(t, name+": gradients", g.Theta, want.Theta, 0)
		}
	}
}

// Counts of other encoders, or for a network that eliminates nothing, are refused.
func TestRetainRefuses(t *testing.T) {
	if err := identityNet(t, Use{}, 0).Retain([]int{6, 4, 3, 1}); err == nil || err.Error() != "model: a network of 4 encoders that keeps [] cannot keep [6 4 3 1]" {
		t.Errorf("a dense network: %v", err)
	}
	if err := identityNet(t, Use{Elimination: keep(6, 4, 3, 1)}, 0).Retain([]int{6, 4, 3}); err == nil {
		t.Error("three counts of four encoders are taken")
	}
}

// A network whose loss is weighed otherwise computes what one built so does.
func TestWeighIsANetworkOfThoseWeights(t *testing.T) {
	weights := Distil{Hard: 0.25, Soft: 3, Temperature: 2.5, Last: 0.5, Patience: 8}
	n, built := taughtNet(t, Distil{Hard: 1, Soft: 1, Temperature: 2.5, Last: 1, Patience: 1}), taughtNet(t, weights)
	got, want := gradientsOf(t, n), gradientsOf(t, built)
	n.Weigh(weights)
	for _, sum := range []*Gradients[float64]{got, want} {
		if err := sum.Run(1, false, nil); err != nil {
			t.Fatal(err)
		}
	}
	wantSame(t, "loss", []float64{n.TaskLoss()}, []float64{built.TaskLoss()}, 0)
	wantSame(t, "gradients", got.Theta, want.Theta, 0)
	n, soft := taughtNet(t, Distil{Soft: 1, Temperature: 2.5}), taughtNet(t, Distil{Hard: 1, Soft: 0.5, Temperature: 2.5})
	n.Weigh(Distil{Hard: 1, Soft: 0.5, Patience: 9})
	for _, net := range []*Net[float64]{n, soft} {
		if err := net.Forward(); err != nil {
			t.Fatal(err)
		}
	}
	wantSame(t, "loss without a term that is weighed", []float64{n.TaskLoss()}, []float64{soft.TaskLoss()}, 0)
}

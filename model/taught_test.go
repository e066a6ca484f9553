package model

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/retention"
)

// eliminating is a network in training that eliminates, with identityNet's batch and
// weights, so much of others added, and its dense teacher of identityNet's own, which has
// spoken to it.
func eliminating(t *testing.T, e retention.Elimination, d Distil, other float64) (n, teacher *Net[float64]) {
	t.Helper()
	dense, random := identityNet(t, Use{Full: true, Inspect: true}, 0), rand.New(rand.NewPCG(9, 2))
	p := NewParams[float64](dense.config)
	for i, v := range dense.params.Arena() {
		p.Arena()[i] = v + other*random.NormFloat64()
	}
	soft := NewSoftExtract[float64](dense.config.NumHiddenLayers, identityN)
	copy(soft.R, fading())
	n, err := NewNet(dense.config, p, soft, Use{Train: true, Inspect: true, Elimination: e, Distil: d})
	if err != nil {
		t.Fatal(err)
	}
	*n.Batch = *dense.Batch
	tell(t, dense, n, []int{0, 1, 2})
	return n, dense
}

// statesApart is the mean squared difference of the normalised [CLS] states that leave the
// encoders before the last of two networks, by the definition.
func statesApart(a, b *Net[float64]) (sum float64) {
	h, last := a.config.HiddenSize, len(a.Encoders)-1
	state := func(n *Net[float64], j, s int) []float64 {
		from, _, _ := n.Encoders[j].Selection.Out().Bounds(s)
		x, norm := slices.Clone(Values[float64](n.Encoders[j].Output)[from*h:(from+1)*h]), 0.0
		for _, v := range x {
			norm += v * v
		}
		for k := range x {
			x[k] /= math.Sqrt(norm)
		}
		return x
	}
	for j := range last {
		for s := range a.Batch.Sequences() {
			x, y := state(a, j, s), state(b, j, s)
			for k := range x {
				sum += (x[k] - y[k]) * (x[k] - y[k]) / float64(last*a.Batch.Sequences()*h)
			}
		}
	}
	return sum
}

// [CLS] follows the teacher's in the encoder of the same number, whatever is eliminated
// around it, and the gradients of all terms are those of their sum.
func TestEliminationFollowsATeacher(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	soft := retention.Elimination{Soft: true, Length: identityN, DeadLast: true}
	relative := keep(9, 6, 4, 2)
	relative.Relative, relative.Score = true, retention.ScoreValue
	for _, e := range []retention.Elimination{keep(9, 6, 4, 2), relative, soft} {
		n, teacher := eliminating(t, e, Distil{Patience: 30}, 0.2)
		g := gradientsOf(t, n)
		if err := g.Run(1, false, nil); err != nil {
			t.Fatal(err)
		}
		want := statesApart(n, teacher)
		if want < 1e-3 {
			t.Errorf("%+v: the states are %g apart, too near for a comparison", e, want)
		}
		wantSame(t, "the loss of [CLS] states", []float64{n.TaskLoss()}, []float64{30 * want}, 1e-11)
		all, _ := eliminating(t, e, Distil{Hard: 0.6, Soft: 0.4, Temperature: 2, Patience: 30}, 0.2)
		matchDifferences(t, all, all.params)
	}
	n, _ := eliminating(t, keep(13, 13, 13, 13), Distil{Patience: 30}, 0)
	if err := gradientsOf(t, n).Run(1, false, nil); err != nil {
		t.Fatal(err)
	}
	wantSame(t, "the loss where nothing is eliminated", []float64{n.TaskLoss()}, []float64{0}, 1e-12)
}

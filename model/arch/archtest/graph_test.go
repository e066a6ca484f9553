package archtest

import (
	"slices"
	"testing"

	"gonum.org/v1/gonum/diff/fd"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// The gradients of a training step against central differences of the loss, at a
// stretch of every tensor, in the three stages and in pretraining.
func TestGradients(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for name, c := range map[string]struct {
		config arch.Config
		use    model.Use
	}{
		"dense":       {tower(), model.Use{}},
		"dense, full": {tower(), model.Use{Full: true}},
		"hard":        {tower(), model.Use{Elimination: hard(9, 7, 5, 2)}},
		"soft":        {tower(), model.Use{Elimination: retention.Elimination{Soft: true, Length: longest}}},
		"masked":      {guessing(t), model.Use{}},
	} {
		t.Run(name, func(t *testing.T) {
			c.use.Train = true
			p := random[float64](c.config)
			n := filled(t, c.config, p, c.use, 13, 2, 7)
			g, err := model.NewGradients(n)
			if err != nil {
				t.Fatal(err)
			}
			lossAt := func(at []float64) func(x []float64) float64 {
				return func(x []float64) float64 {
					was := slices.Clone(at)
					defer copy(at, was)
					copy(at, x)
					if err := g.Run(1, false, nil); err != nil {
						t.Fatal(err)
					}
					return n.TaskLoss()
				}
			}
			if err := g.Run(1, false, nil); err != nil {
				t.Fatal(err)
			}
			got := slices.Clone(g.Theta)
			for _, x := range p.Tensors() {
				from := x.Offset + x.Size/3
				at := p.Arena()[from:min(from+4, x.Offset+x.Size)]
				want := fd.Gradient(nil, lossAt(at), slices.Clone(at), &fd.Settings{Formula: fd.Central, Step: 1e-5})
				gradcheck.Close(t, x.Name, got[from:from+len(at)], want, 1e-7)
			}
		})
	}
}

// Where hard extraction keeps everything, and where the weights are frozen, the logits
// are the dense network's.
func TestKeepingEverythingAndFreezing(t *testing.T) {
	c := tower()
	var want []float32
	for name, use := range map[string]model.Use{"dense": {}, "kept": {Elimination: hard(13, 13, 13, 13)}, "frozen": {}} {
		var w model.Weights[float32] = random[float32](c)
		if name == "frozen" {
			w = random[float32](c).Freeze()
		}
		n := filled(t, c, w, use, 13, 2, 7)
		if err := n.Forward(); err != nil {
			t.Fatal(err)
		}
		got := slices.Clone(model.Values[float32](n.Logits))
		if want == nil {
			want = got
		}
		for i, v := range got {
			if d := v - want[i]; len(got) != 9 || d > 1e-4 || d < -1e-4 {
				t.Errorf("%s: logit %d of %d is %g, want %g", name, i, len(got), v, want[i])
			}
		}
	}
}

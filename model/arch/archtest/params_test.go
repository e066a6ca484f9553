package archtest

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/train"
)

// role is what a tensor of the family is, by the list here.
func role(name string) arch.Role {
	norm := false
	for _, n := range []string{"ground.dense.", ".level.", "storey1.dense.", "storey2.dense.", "storey3.dense.", "storey4.dense.", "roof.dense.", "gaps.dense."} {
		norm = norm || strings.Contains(name, n)
	}
	bias := strings.HasSuffix(name, ".bias")
	switch {
	case norm && bias:
		return arch.NormBias
	case norm:
		return arch.NormWeight
	case bias:
		return arch.LinearBias
	case strings.HasSuffix(name, ".weight"):
		return arch.LinearWeight
	}
	return arch.EmbeddingTable
}

// Norms begin as 1 and 0, biases as 0, all else as normal numbers.
func TestInit(t *testing.T) {
	for _, c := range []arch.Config{tower(), guessing(t)} {
		p := model.NewParams[float64](c)
		p.Init(7)
		for _, x := range p.Tensors() {
			values := p.Slice(x.Name)
			low, high := slices.Min(values), slices.Max(values)
			switch role(x.Name) {
			case arch.LinearBias, arch.NormBias:
				if low != 0 || high != 0 {
					t.Errorf("%s begins between %g and %g, want 0", x.Name, low, high)
				}
			case arch.NormWeight:
				if low != 1 || high != 1 {
					t.Errorf("%s begins between %g and %g, want 1", x.Name, low, high)
				}
			default: // standard deviation 0.02
				if low > -0.02 || low < -0.1 || high < 0.02 || high > 0.1 {
					t.Errorf("%s begins between %g and %g", x.Name, low, high)
				}
			}
		}
	}
}

// Freezing lays out the weights of linear layers, and nothing else.
func TestFreeze(t *testing.T) {
	p := random[float32](tower())
	tensors, f := p.Tensors(), p.Freeze()
	for _, x := range tensors {
		layer := arch.Linear{Name: strings.TrimSuffix(x.Name, ".weight"), Out: x.Shape[0]}
		if got, want := f.Matrix(layer, layer) != nil, role(x.Name) == arch.LinearWeight; got != want {
			t.Errorf("%s is a matrix: %v, want %v", x.Name, got, want)
		}
	}
}

// A step moves a weight w of gradient g by −lr·(g/(|g| + eps) + decay·w), Adam's first,
// where it decays: with eps 1e-8 and decay 0.01, as NewSteps has them.
func TestDecay(t *testing.T) {
	const lr, eps, decay = 1e-2, 1e-8, 0.01
	c := tower()
	p := random[float32](c)
	before := slices.Clone(p.Arena())
	n := filled(t, c, p, model.Use{Train: true}, 13, 2, 7)
	n.Batch.Weight = 1.0 / 3
	g, err := model.NewGradients(n)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Run(1, false, nil); err != nil {
		t.Fatal(err)
	}
	s, err := train.NewSteps(train.Learner{Config: c, Params: p}, 1, lr)
	if err != nil {
		t.Fatal(err)
	}
	var batch []data.Encoded
	for i := range 3 {
		from, to, _ := n.Batch.Bounds(i)
		batch = append(batch, data.Encoded{IDs: n.Batch.IDs[from:to], Types: n.Batch.Types[from:to], Label: n.Batch.Labels[i]})
	}
	if _, err := s.Step(batch); err != nil {
		t.Fatal(err)
	}
	for _, x := range p.Tensors() {
		decays := role(x.Name) == arch.EmbeddingTable || role(x.Name) == arch.LinearWeight
		for i := x.Offset; i < x.Offset+x.Size; i++ {
			grad, w := float64(g.Theta[i]), float64(before[i])
			if grad != 0 && math.Abs(grad) < 1e-7 {
				continue // of a key's bias: 0 but for rounding, which is another in another run
			}
			want := -grad / (math.Abs(grad) + eps)
			if decays {
				want -= decay * w
			}
			if got := (float64(p.Arena()[i]) - w) / lr; math.Abs(got-want) > 5e-4 {
				t.Errorf("%s, element %d, moved from %g by %.5f of the rate, want %.5f", x.Name, i-x.Offset, w, got, want)
				break
			}
		}
	}
}

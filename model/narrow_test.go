package model

import (
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/model/arch"
)

// A model without some neurons says what the whole one does where these lead nowhere: of
// encoders with weights of their own, of one that all share, and of gated ones.
func TestNarrow(t *testing.T) {
	for _, family := range []string{arch.BERT, arch.ALBERT, arch.ModernBERT, arch.DistilBERT} {
		var c arch.Config
		var wide *Params[float64]
		switch family {
		case arch.BERT, arch.ALBERT:
			if c = goldenConfig(); family == arch.ALBERT {
				c = goldenALBERT()
			}
			wide = NewParams[float64](c)
			wide.Init(3)
			for i := range wide.Arena() { // biases, too
				wide.Arena()[i] += 0.01 * float64(i%7)
			}
		default:
			loaded, err := Load[float64](familyDir(family, "classify"), LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			c, wide = loaded.Config, loaded.Params
		}
		weighted := wide.net.Weighted()
		var keep [][]int
		for j, b := range weighted {
			out := b.FFN.Out
			list := []int{j, 3, 4, out.In - 1 - j}
			keep = append(keep, list)
			for i := range wide.Slice(out.Weight()) {
				if !slices.Contains(list, i%out.In) {
					wide.Slice(out.Weight())[i] = 0
				}
			}
		}
		to := c.Clone()
		to.IntermediateSize = 4
		narrow := NewParams[float64](to)
		Narrow(narrow, wide, keep)
		says := func(c arch.Config, p *Params[float64]) []float64 {
			net, err := NewNet(c, p, nil, Use{})
			if err != nil {
				t.Fatal(err)
			}
			net.Batch.AddSequence([]int32{2, 9, 11, 14, 5, 3}, make([]int32, 6), 0, 0)
			net.Batch.AddSequence([]int32{2, 21, 3}, make([]int32, 3), 0, 0)
			if err := net.Forward(); err != nil {
				t.Fatal(err)
			}
			return slices.Clone(Values[float64](net.Logits))
		}
		gradcheck.Close(t, family, says(to, narrow), says(c, wide), 1e-12)
	}
}

// A neuron's absence changes the loss as central differences of all that it says.
func TestAbsences(t *testing.T) {
	net, p, _ := goldenNet[float64](t, gradcheck.Golden, goldenCase{use: Use{Train: true}}, false)
	g := gradientsOf(t, net)
	loss := func() float64 {
		if err := g.Run(1, false, nil); err != nil {
			t.Fatal(err)
		}
		return Values[float64](net.task)[0]
	}
	loss()
	absences := Absences(p, g.Theta)
	if len(absences) != 2 || len(absences[1]) != 32 {
		t.Fatalf("%d encoders of %d neurons", len(absences), len(absences[0]))
	}
	const h = 1e-5
	for j, b := range p.net.Weighted() {
		out := p.Slice(b.FFN.Out.Weight())
		before := slices.Clone(out)
		for _, n := range []int{0, 7, 31} {
			at := func(scale float64) float64 {
				for i := n; i < len(out); i += 32 {
					out[i] = scale * before[i]
				}
				defer copy(out, before)
				return loss()
			}
			want := (at(1-h) - at(1+h)) / (2 * h)
			gradcheck.Close(t, "an absence", []float64{absences[j][n]}, []float64{want}, 1e-7)
		}
	}
}

package model

import (
	"math"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model/arch"
)

// inPrecision is the gradient of a network in training that reads a precision, and its loss.
func inPrecision(t *testing.T, c arch.Config, p *Params[float32], use Use, precision kernel.Precision) ([]float32, float64) {
	t.Helper()
	use.Train, use.Precision = true, precision
	n := filled(t, c, p, nil, use, 13, 5, 11)
	n.Batch.Weight, n.Batch.LabelWeight = 1.0/3, 1.0/3
	if c.MaskedLM() {
		n.Batch.Masked, n.Batch.Labels = []int32{3, 14, 20}, []int{1, 2, 3}
	}
	g := gradientsOf(t, n)
	if err := g.Run(1, false, nil); err != nil {
		t.Fatal(err)
	}
	return g.Theta, n.TaskLoss()
}

// offBy is ‖a − b‖ / ‖b‖.
func offBy(a, b []float32) float64 {
	var diff, size float64
	for i := range a {
		diff += math.Pow(float64(a[i])-float64(b[i]), 2)
		size += math.Pow(float64(b[i]), 2)
	}
	return math.Sqrt(diff / size)
}

// The gradient of a whole network in bfloat16 is that of float32 but for rounding. The two
// factors of a product are each off by half of the last of 8 bits at most, 2⁻⁹ of themselves,
// and the product by 2⁻⁸. A gradient has some thirty products behind it, forward and back
// through four encoders, whose errors add up as their squares do: to about six times 2⁻⁸.
func TestGradientsInBF16(t *testing.T) {
	const rounding = 0x1p-8
	for name, c := range frozenConfigs() {
		for kind, use := range map[string]Use{"dense": {}, "hard": {Elimination: keep(9, 7, 5, 2)}} {
			if c.MaskedLM() && kind == "hard" {
				continue
			}
			p := NewParams[float32](c)
			p.Init(3)
			want, loss := inPrecision(t, c, p, use, kernel.Float32)
			got, roundedLoss := inPrecision(t, c, p, use, kernel.BF16)
			if off := math.Abs(roundedLoss-loss) / loss; off == 0 || off > rounding {
				t.Errorf("%s, %s: the loss is %g, in float32 %g", name, kind, roundedLoss, loss)
			}
			for _, x := range p.Tensors() {
				from, to := x.Offset, x.Offset+x.Size
				if len(x.Shape) < 2 || !slices.ContainsFunc(want[from:to], func(g float32) bool { return g != 0 }) {
					continue
				}
				if off := offBy(got[from:to], want[from:to]) / rounding; !(off > 0.1 && off < 8) {
					t.Errorf("%s, %s: the gradient of %s is off by %.2f times 2⁻⁸, want 0.1 to 8", name, kind, x.Name, off)
				}
			}
		}
	}
}

// The precision is one of training: what a network says elsewhere has the bits of float32.
func TestPrecisionIsOfTraining(t *testing.T) {
	c := identityConfig()
	p := NewParams[float32](c)
	p.Init(3)
	var said [2][]float32
	for i, precision := range []kernel.Precision{kernel.Float32, kernel.BF16} {
		n := filled(t, c, p, nil, Use{Precision: precision}, 13, 2, 7)
		if err := n.Forward(); err != nil {
			t.Fatal(err)
		}
		said[i] = slices.Clone(Values[float32](n.Logits))
	}
	if !slices.Equal(said[0], said[1]) {
		t.Errorf("logits are %v and %v", said[0], said[1])
	}
}

func TestPrecisionErrors(t *testing.T) {
	c := identityConfig()
	if _, err := NewNet(c, NewParams[float64](c), nil, Use{Train: true, Precision: kernel.BF16}); err == nil || err.Error() != "model: precision bf16 is one of float32, and this network is of float64" {
		t.Errorf("error %v", err)
	}
	if _, err := NewNet(c, NewParams[float32](c), nil, Use{Train: true, Precision: "fp16"}); err == nil || err.Error() != `model: precision is "fp16", want float32 or bf16` {
		t.Errorf("error %v", err)
	}
}

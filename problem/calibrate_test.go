package problem

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
)

// madeUp are the logits and labels of testdata/temperature.py.
func madeUp() *Outputs {
	o := &Outputs{Kind: Classification}
	for i := range 37 {
		row := make([]float32, 3)
		for k := range row {
			row[k] = float32(5*math.Sin(1.7*float64(i)+2.3*float64(k)) + 0.4*float64(k))
		}
		label := kernel.Largest(row)
		if i%3 == 0 {
			label = (label + 1) % 3
		}
		o.Logits, o.Gold = append(o.Logits, row), append(o.Gold, label)
	}
	return o
}

// The temperature, and what it does to cross-entropy and Brier score, are PyTorch's
// (testdata/temperature.py).
func TestTemperatureGolden(t *testing.T) {
	o := madeUp()
	got, err := o.Temperature()
	if want := 6.0791058118; err != nil || math.Abs(got-want) > 1e-7 {
		t.Fatalf("temperature %.10f, %v, want %.10f", got, err, want)
	}
	before, after := o.Trust(), o.At(got).Trust()
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"loss before", before.Loss, 2.3169277179}, {"loss after", after.Loss, 0.9499733281},
		{"Brier before", before.Brier, 0.6836552503}, {"Brier after", after.Brier, 0.5554994456},
	} {
		if math.Abs(c.got-c.want) > 1e-6 {
			t.Errorf("%s is %.10f, want %.10f", c.name, c.got, c.want)
		}
	}
	if after.ECE >= before.ECE {
		t.Errorf("ECE %v at first and %v at the temperature, want less", before.ECE, after.ECE)
	}
	if !slices.Equal(o.Classes(), o.At(got).Classes()) {
		t.Error("the temperature changes labels")
	}
}

// Where the logits are multiplied by c, the temperature is, too: far from 1 as near it.
func TestTemperatureScales(t *testing.T) {
	for _, c := range []float32{0.01, 0.17, 1, 3.2} {
		o := madeUp()
		for _, row := range o.Logits {
			for k := range row {
				row[k] *= c
			}
		}
		got, err := o.Temperature()
		if want := 6.0791058118 * float64(c); err != nil || math.Abs(got-want) > 1e-5*want {
			t.Errorf("logits × %g: temperature %v, %v, want %v", c, got, err, want)
		}
	}
}

// Where every row is right, or the truth has nothing to do with the logits, no temperature
// is the best.
func TestTemperatureRefused(t *testing.T) {
	right, chance := madeUp(), madeUp()
	right.Gold = right.Classes()
	for i, row := range chance.Logits {
		chance.Gold[i] = kernel.Largest([]float32{-row[0], -row[1], -row[2]})
	}
	for _, c := range []struct {
		o    *Outputs
		want string
	}{{right, "37 rows want a temperature below 0.05: the model answers nearly all of them right"}, {chance, "37 rows want a temperature above 20: the model tells them apart no better than chance"}} {
		if got, err := c.o.Temperature(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("temperature %v, error %v, want %q", got, err, c.want)
		}
	}
}

// No temperature leaves the logits where they lie; scores, labels by themselves and
// nothing have no trust.
func TestTempered(t *testing.T) {
	o := madeUp()
	for _, none := range []float64{0, 1} {
		if got := Tempered(o.Logits, none); &got[0][0] != &o.Logits[0][0] {
			t.Errorf("temperature %g copies", none)
		}
	}
	first := o.Logits[0][1]
	if got := Tempered(o.Logits, 2)[0][1]; got != first/2 || o.Logits[0][1] != first {
		t.Errorf("at 2 the logit is %v, and was %v, want half and the same as before", got, first)
	}
	for _, kind := range []Kind{Regression, MultiLabel, MaskedTokens} {
		if (&Outputs{Kind: kind, Logits: [][]float32{{1, 2}}, Gold: []int{0}}).Trust() != nil {
			t.Errorf("%s has a trust", kind)
		}
	}
	if (&Outputs{Kind: Classification}).Trust() != nil {
		t.Error("no outputs have a trust")
	}
}

// The bins and the curve of a Trust are of these outputs: all examples, and the share of
// wrong ones.
func TestTrust(t *testing.T) {
	o := madeUp()
	trust, counted := o.Trust(), 0
	for _, b := range trust.Reliability {
		counted += b.Examples
	}
	last := trust.CoverageRisk[len(trust.CoverageRisk)-1]
	if counted != 37 || len(trust.Reliability) != 15 || last.Coverage != 1 || math.Abs(last.Risk-13./37) > 1e-12 {
		t.Errorf("%d examples in %d bins, all at the risk %v, want 37 in 15 at 13/37", counted, len(trust.Reliability), last)
	}
	if got := o.Abstaining(0); got.Coverage != 1 || got.Risk != last.Risk {
		t.Errorf("abstaining below 0: %v, want all", got)
	}
}

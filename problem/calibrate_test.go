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

// madeUpSeveral are the logits and labels that testdata/temperature.py has each by itself.
func madeUpSeveral() *Outputs {
	o := &Outputs{Kind: MultiLabel, Logits: madeUp().Logits, Thresholds: []float64{0.03, 0.5, 0.9}}
	for i, row := range o.Logits {
		targets := make([]float64, len(row))
		for k, v := range row {
			if (v > 0) != (i%3 == 0) {
				targets[k] = 1
			}
		}
		o.Targets = append(o.Targets, targets)
	}
	return o
}

// Labels that are each by themselves share the temperature that PyTorch finds
// (testdata/temperature.py); the same are said, for thresholds go along, there and back.
func TestTemperatureOfSeveralGolden(t *testing.T) {
	o := madeUpSeveral()
	got, err := o.Temperature()
	if want := 6.4379415391; err != nil || math.Abs(got-want) > 1e-7 {
		t.Fatalf("temperature %.10f, %v, want %.10f", got, err, want)
	}
	tempered := o.At(got)
	before, after := o.Trust(), tempered.Trust()
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"loss before", before.Loss, 1.2344127050}, {"loss after", after.Loss, 0.6568142001},
		{"Brier before", before.Brier, 0.3068688913}, {"Brier after", after.Brier, 0.2320020387},
	} {
		if math.Abs(c.got-c.want) > 1e-6 {
			t.Errorf("%s is %.10f, want %.10f", c.name, c.got, c.want)
		}
	}
	if after.ECE >= before.ECE || before.Decisions != 37*3 || before.CoverageRisk != nil {
		t.Errorf("ECE %v and %v, want less; %d decisions, curve %v", before.ECE, after.ECE, before.Decisions, before.CoverageRisk)
	}
	for i := range o.Logits {
		if is, was := tempered.answers(tempered.Logits[i]), o.answers(o.Logits[i]); !slices.Equal(is, was) {
			t.Errorf("the temperature changes labels of %d from %v to %v", i, was, is)
		}
	}
	for k, want := range o.Thresholds {
		if back := tempered.At(1 / got).Thresholds[k]; math.Abs(back-want) > 1e-12 || k != 1 && math.Abs(tempered.Thresholds[k]-want) < 0.1 {
			t.Errorf("threshold %v becomes %v, and that %v", want, tempered.Thresholds[k], back)
		}
	}
}

// A threshold θ becomes σ(log(θ/(1−θ))/T): 0.8, whose odds are 4, at T = 2 the one of the
// odds 2. Those of all, of none and 1/2 stay, and so do those of no temperature.
func TestTemperedThresholds(t *testing.T) {
	got := TemperedThresholds([]float64{0, 0.2, 0.5, 0.8, 1}, 2)
	for k, want := range []float64{0, 1. / 3, 0.5, 2. / 3, 1} {
		if math.Abs(got[k]-want) > 1e-15 {
			t.Errorf("threshold %d is %v, want %v", k, got[k], want)
		}
	}
	if TemperedThresholds(nil, 2) != nil || TemperedThresholds([]float64{0.3}, 0)[0] != 0.3 || TemperedThresholds([]float64{0.3}, 1)[0] != 0.3 {
		t.Error("thresholds of none, or of no temperature, are others")
	}
}

// Four decisions of two examples: 0.9 and 0.3 of labels that are had, 0.1 and 0.3 of others.
// ECE: 0.9 and 0.1 are 0.1 off, the two of 0.3, of which half are had, 0.2 each.
func TestTrustOfDecisions(t *testing.T) {
	o := &Outputs{Kind: MultiLabel, Logits: [][]float32{{logitOf(0.9), logitOf(0.1)}, {logitOf(0.3), logitOf(0.3)}}, Targets: [][]float64{{1, 0}, {1, 0}}}
	trust := o.Trust()
	if want := (0.1 + 0.1 + 2*0.2) / 4; math.Abs(trust.ECE-want) > 1e-6 {
		t.Errorf("ECE %v, want %v", trust.ECE, want)
	}
	if want := (0.01 + 0.01 + 0.49 + 0.09) / 4; math.Abs(trust.Brier-want) > 1e-6 || trust.Decisions != 4 {
		t.Errorf("Brier %v of %d, want %v of 4", trust.Brier, trust.Decisions, want)
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
	right, chance, several := madeUp(), madeUp(), madeUpSeveral()
	for i, row := range several.Logits {
		for k, v := range row {
			several.Targets[i][k] = 0
			if v > 0 {
				several.Targets[i][k] = 1
			}
		}
	}
	right.Gold = right.Classes()
	for i, row := range chance.Logits {
		chance.Gold[i] = kernel.Largest([]float32{-row[0], -row[1], -row[2]})
	}
	for _, c := range []struct {
		o    *Outputs
		want string
	}{{several, "37 rows want a temperature below 0.05"}, {right, "37 rows want a temperature below 0.05: the model answers nearly all of them right"}, {chance, "37 rows want a temperature above 20: the model tells them apart no better than chance"}} {
		if got, err := c.o.Temperature(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("temperature %v, error %v, want %q", got, err, c.want)
		}
	}
}

// No temperature leaves the logits where they lie; scores, masked tokens and nothing have
// no trust.
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
	for _, kind := range []Kind{Regression, MaskedTokens} {
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

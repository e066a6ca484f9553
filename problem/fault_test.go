package problem

import (
	"fmt"
	"math"
	"testing"

	"github.com/powerbert/powerbert/metric"
)

// places writes faults short: example, class, probability.
func places(list []Fault) (text string) {
	for _, f := range list {
		text += fmt.Sprintf("%d:%d %.2f ", f.Example, f.Class, f.Probability)
		if f.Missed {
			text += "missed "
		}
	}
	return text
}

// logits are those of three labels with these probabilities.
func logits(p ...float64) (row []float32) {
	for _, x := range p {
		row = append(row, float32(math.Log(x)))
	}
	return row
}

// Of five answers three are wrong: the surest comes first, whatever the truth's own loss is,
// and equals in their order.
func TestFaultsOfOneLabel(t *testing.T) {
	o := &Outputs{Kind: Classification, Gold: []int{0, 2, 1, 1, 0}, Logits: [][]float32{
		logits(0.8, 0.1, 0.1), logits(0.6, 0.39, 0.01), logits(0.05, 0.2, 0.75), logits(0.1, 0.7, 0.2), logits(0.4, 0.6, 0.0001)}}
	got := o.Faults()
	if want := "2:2 0.75 1:0 0.60 4:1 0.60 "; places(got) != want {
		t.Errorf("faults %s, want %s", places(got), want)
	}
	if want := -math.Log(0.2); math.Abs(got[0].Loss-want) > 1e-6 {
		t.Errorf("loss %v, want %v of the truth", got[0].Loss, want)
	}
}

// Labels by themselves (threeLabels) at 1/2: of example 0 c is said with 0.7 and b is missed
// with 0.4; of 2 a is missed with 0.3 and c said with 0.6. The largest loss is that of
// −log 0.3, twice; what is right by its threshold is no fault, however large its loss.
func TestFaultsOfSeveralLabels(t *testing.T) {
	o := threeLabels()
	if got, want := places(o.Faults()), "0:2 0.70 2:0 0.30 missed "; got != want {
		t.Errorf("faults %s, want %s", got, want)
	}
	o.Thresholds = []float64{0.25, 0.35, 0.75}
	if got := o.Faults(); len(got) != 0 {
		t.Errorf("faults %s where every label is right by its threshold", places(got))
	}
	o.Thresholds = []float64{0.25, 0.35, 0.65}
	if got, want := places(o.Faults()), "0:2 0.70 "; got != want {
		t.Errorf("faults %s, want %s", got, want)
	}
}

// Of scores the largest residuals come first, whatever their sign.
func TestFaultsOfScores(t *testing.T) {
	o := &Outputs{Kind: Regression, Logits: [][]float32{{1, 2}, {3, 3}, {0, -4}}, Targets: [][]float64{{1, 2}, {3, 4}, {0, 0}}}
	got := o.Faults()
	if places(got) != "2:0 0.00 1:0 0.00 " || got[0].Loss != 8 || got[1].Loss != 0.5 {
		t.Errorf("faults %+v, want example 2 with 8 and example 1 with 0.5", got)
	}
}

// Some of the outputs have the truth of the same examples, and may come twice.
func TestOf(t *testing.T) {
	o := threeLabels()
	some := o.Of([]int{2, 0, 2})
	if len(some.Logits) != 3 || &some.Logits[0][0] != &o.Logits[2][0] || some.Targets[1][1] != 1 || len(some.Gold) != 0 {
		t.Errorf("outputs %+v", some)
	}
	labels := (&Outputs{Kind: Classification, Gold: []int{4, 5}, Logits: [][]float32{{1}, {2}}}).Of([]int{1})
	if len(labels.Gold) != 1 || labels.Gold[0] != 5 || labels.Logits[0][0] != 2 {
		t.Errorf("outputs %+v", labels)
	}
}

// The accuracy has Wilson's interval, whatever the kind, and all else the bootstrap's.
func TestInterval(t *testing.T) {
	o := &Outputs{Kind: Classification, Labels: []string{"a", "b"}}
	for i := range 263 {
		row := []float32{0, 1}
		if i < 81 {
			row = []float32{1, 0}
		}
		o.Logits, o.Gold = append(o.Logits, row), append(o.Gold, 0)
	}
	if got, err := o.Interval("accuracy"); err != nil || got != metric.Wilson(81, 263) {
		t.Errorf("%+v, %v, want Wilson's of 81 in 263", got, err)
	}
	if got, err := threeLabels().Interval("accuracy"); err != nil || got != metric.Wilson(2, 4) {
		t.Errorf("%+v, %v, want Wilson's of 2 in 4", got, err)
	}
	got, err := threeLabels().Interval("micro_f1")
	if value := 0.5; err != nil || got.Method != metric.MethodBootstrap || !got.Holds(value) || got.Low == got.High {
		t.Errorf("%+v, %v, want an interval around %v", got, err, value)
	}
	if _, err := o.Interval("pearson"); err == nil {
		t.Error("a correlation of labels: no error")
	}
}

// Of what others get right beyond the same examples the interval has no doubt which way it is:
// both have the same draws.
func TestIntervalOfDifferences(t *testing.T) {
	before, after := &Outputs{Kind: Classification, Labels: []string{"a", "b"}}, &Outputs{Kind: Classification, Labels: []string{"a", "b"}}
	for i := range 263 {
		before.Logits, before.Gold = append(before.Logits, []float32{0, float32(i - 81)}), append(before.Gold, 0)
		after.Logits, after.Gold = append(after.Logits, []float32{0, float32(i - 93)}), append(after.Gold, 0)
	}
	up, down := [2]*Outputs{before, after}, [2]*Outputs{after, before}
	more, err := Differences("accuracy", up)
	if value := 12.0 / 263; err != nil || !(0.02 < more.Low && more.Low < value && value < more.High && more.High < 0.08) {
		t.Errorf("%+v, %v, want an interval around %v", more, err, value)
	}
	if less, err := Differences("accuracy", down); err != nil || less.Low != -more.High || less.High != -more.Low {
		t.Errorf("the other way %+v, %v, want %+v turned", less, err, more)
	}
	// The mean of twice there and once back is a third of the way, in every draw.
	if third, err := Differences("accuracy", up, down, up); err != nil || math.Abs(third.Low-more.Low/3) > 1e-15 || math.Abs(third.High-more.High/3) > 1e-15 {
		t.Errorf("over pairs %+v, %v, want a third of %+v", third, err, more)
	}
	for _, one := range []*Outputs{before, threeLabels()} {
		if _, err := Differences("micro_f1", up, [2]*Outputs{one, before}); err == nil {
			t.Error("a metric of several labels of one: no error")
		}
	}
}

// A metric of what does not occur, or does not vary, tells nothing.
func TestTells(t *testing.T) {
	labels := func(gold ...int) *Outputs {
		o := &Outputs{Kind: Classification, Labels: []string{"a", "b"}, Gold: gold}
		for range gold {
			o.Logits = append(o.Logits, []float32{0, 1})
		}
		return o
	}
	scores := func(targets ...[]float64) *Outputs {
		o := &Outputs{Kind: Regression, Targets: targets}
		for range targets {
			o.Logits = append(o.Logits, []float32{0, 1})
		}
		return o
	}
	none := threeLabels().Of([]int{3})
	for _, c := range []struct {
		o    *Outputs
		name string
		want bool
	}{
		{labels(0, 0), "accuracy", true}, {labels(0, 0), "f1", false}, {labels(0, 1), "f1", true}, {labels(1, 1), "f1", true},
		{labels(0, 0), "f1@a", true}, {labels(0, 0), "f1@b", false}, {labels(1, 1), "matthews", false}, {labels(1, 0), "matthews", true},
		{threeLabels(), "micro_f1", true}, {threeLabels(), "f1@c", false}, {threeLabels(), "f1@b", true}, {none, "map", false}, {none, "accuracy", true},
		{scores([]float64{1, 2}, []float64{2, 3}), "pearson", true}, {scores([]float64{1, 2}, []float64{2, 2}), "pearson", false},
	} {
		if got := c.o.Tells(c.name); got != c.want {
			t.Errorf("%s of %v %v tells: %v, want %v", c.name, c.o.Gold, c.o.Targets, got, c.want)
		}
	}
}

// Two labels have the curve of the second, labels by themselves one each, and others none.
func TestCurves(t *testing.T) {
	two := &Outputs{Kind: Classification, Gold: []int{1, 0, 1}, Logits: [][]float32{logits(0.395, 0.605), logits(0.6, 0.4), logits(0.8, 0.2)}}
	got := two.Curves()
	if len(got) != 1 || got[0].Class != 1 || got[0].At != 0.5 || len(got[0].Points) != 61 {
		t.Fatalf("curves %+v, want one of 61 points, the last at 0.6", got)
	}
	if p, want := got[0].Points[50], (metric.Threshold{At: 0.5, Precision: 1, Recall: 0.5, Said: 1}); p != want {
		t.Errorf("at the threshold %+v, want %+v", p, want)
	}
	o := threeLabels()
	o.Thresholds = []float64{0.25, 0.35, 0.5}
	all := o.Curves()
	if len(all) != 3 || all[1].At != 0.35 || all[1].Class != 1 || all[2].Points != nil || all[0].Points[80].Recall != 1./3 {
		t.Errorf("curves %+v", all)
	}
	three := &Outputs{Kind: Classification, Gold: []int{0}, Logits: [][]float32{{1, 2, 3}}}
	if three.Curves() != nil || (&Outputs{Kind: Regression, Logits: [][]float32{{1, 2}}}).Curves() != nil {
		t.Error("three labels, or scores, have a curve")
	}
}

// A bootstrap scores draws as it would the outputs of just these examples, whatever the
// kind and the metric.
func TestResampledIsTheScoreOfTheDraw(t *testing.T) {
	one := &Outputs{Kind: Classification, Labels: []string{"a", "b"}, Gold: []int{0, 1, 1, 0}, Logits: [][]float32{{2, 1}, {0, 1}, {1, 0}, {3, 4}}}
	scores := &Outputs{Kind: Regression, Targets: [][]float64{{1, 3}, {2, 1}, {4, 0}, {3, 3}}, Logits: [][]float32{{1, 3}, {3, 3}, {2, 1}, {5, 2}}}
	for _, c := range []struct {
		o     *Outputs
		names []string
	}{
		{one, []string{"accuracy", "f1", "macro_f1", "matthews", "f1@a"}},
		{threeLabels(), []string{"micro_f1", "macro_f1", "sample_f1", "map", "accuracy", "f1@a"}},
		{scores, []string{"pearson", "spearman"}},
	} {
		for _, name := range c.names {
			drawn := []int{2, 0, 0, 3, 1}
			want, _, err := c.o.Of(drawn).Score(name)
			if got := c.o.resampled(name)(drawn); err != nil || got != want || want == 0 {
				t.Errorf("%s of %s: %v, want %v (%v)", name, c.o.Kind, got, want, err)
			}
		}
	}
}

package problem

import (
	"math"
	"testing"
)

// The one answer is the best by the metric that the training labels know, and is scored
// on the dev labels: by hand of 0 0 0 1 1 and 1 1 0 1.
func TestConstant(t *testing.T) {
	train, dev := Outputs{Gold: []int{0, 0, 0, 1, 1}}, Outputs{Gold: []int{1, 1, 0, 1}}
	constant := func(kind Kind, name string) (float64, bool, error) {
		train.Kind, dev.Kind, dev.Labels, train.Labels = kind, kind, []string{"n", "y"}, []string{"n", "y"}
		return train.Constant(name, &dev, 2)
	}
	for name, want := range map[string]float64{"accuracy": 0.25, "f1": 6.0 / 7, "matthews": 0, "macro_f1": 0.2, "f1@n": 0.4, "f1@y": 6.0 / 7} {
		for _, kind := range []Kind{Classification, MultipleChoice} {
			if got, ok, err := constant(kind, name); err != nil || !ok || math.Abs(got-want) > 1e-12 {
				t.Errorf("%s by %s: %v, %v (%v), want %v", kind, name, got, ok, err, want)
			}
		}
	}
	if got, ok, err := constant(Regression, "pearson"); err != nil || ok || got != 0 {
		t.Errorf("of scores: %v, %v (%v), want none", got, ok, err)
	}
	if _, ok, err := constant(Classification, "pearson"); err == nil || ok {
		t.Error("a metric of scores: no error")
	}
}

// Labels by themselves, three of four training examples with b and two with a: both are
// said of all, for 2·5/(8 + 5) is above 2·3/(4 + 5), what b alone comes to, and c brings
// nothing. On dev a and b hit one of two: 2·1/(4 + 2).
func TestConstantOfLabelsByThemselves(t *testing.T) {
	train := Outputs{Kind: MultiLabel, Targets: [][]float64{{1, 1, 0}, {1, 1, 0}, {0, 1, 0}, {0, 0, 0}}}
	dev := Outputs{Kind: MultiLabel, Targets: [][]float64{{0, 1, 0}, {0, 0, 1}}, Thresholds: []float64{1, 1, 1}}
	if got, ok, err := train.Constant("micro_f1", &dev, 3); err != nil || !ok || math.Abs(got-2.0/6) > 1e-12 {
		t.Errorf("%v, %v (%v), want 1/3", got, ok, err)
	}
}

// A value is above one answer for all by two standard errors of 100 examples.
func TestAbove(t *testing.T) {
	for _, c := range []struct {
		metric          string
		kind            Kind
		value, constant float64
		want            bool
	}{
		{"accuracy", Classification, 0.59, 0.5, false}, {"accuracy", Classification, 0.61, 0.5, true}, // ± 0.05
		{"f1", Classification, 0.87, 0.8, false}, {"f1", Classification, 0.89, 0.8, true}, // ± 0.04
		{"matthews", Classification, 0.19, 0, false}, {"matthews", Classification, 0.21, 0, true}, // ± 0.1
		{"spearman", Regression, 0.19, 0, false}, {"spearman", Regression, 0.21, 0, true},
		{"accuracy", MultipleChoice, 0.33, 0.1, false}, {"accuracy", MultipleChoice, 0.34, 0.1, true}, // a quarter ± 0.043
	} {
		if got := c.kind.Above(c.metric, c.value, c.constant, 100, 4); got != c.want {
			t.Errorf("%s %v above %v: %v, want %v", c.metric, c.value, c.constant, got, c.want)
		}
	}
}

package problem

import (
	"math"
	"testing"
)

// The one answer is the best by the metric that the training labels know, and is scored
// on the dev labels: by hand of 0 0 0 1 1 and 1 1 0 1.
func TestConstant(t *testing.T) {
	train, dev := []int{0, 0, 0, 1, 1}, []int{1, 1, 0, 1}
	for name, want := range map[string]float64{"accuracy": 0.25, "f1": 6.0 / 7, "matthews": 0, "macro_f1": 0.2} {
		for _, kind := range []Kind{Classification, MultipleChoice} {
			if got, ok, err := kind.Constant(name, train, dev, 2); err != nil || !ok || math.Abs(got-want) > 1e-12 {
				t.Errorf("%s by %s: %v, %v (%v), want %v", kind, name, got, ok, err, want)
			}
		}
	}
	if got, ok, err := Regression.Constant("pearson", train, dev, 1); err != nil || ok || got != 0 {
		t.Errorf("of scores: %v, %v (%v), want none", got, ok, err)
	}
	if _, ok, err := Classification.Constant("pearson", train, dev, 2); err == nil || ok {
		t.Error("a metric of scores: no error")
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

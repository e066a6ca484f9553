package configs

import (
	"reflect"
	"strings"
	"testing"
)

// Balanced weights are those of scikit-learn's compute_class_weight("balanced"): n/(C·n_c).
func TestClassWeights(t *testing.T) {
	labels, counts := []string{"No", "yes", "1"}, []int{6, 3, 0}
	for _, row := range []struct {
		yaml string
		want []float64
	}{
		{`""`, nil},
		{"balanced", []float64{0.5, 1, 1}},
		{"{No: 0.25, 1: 4}", []float64{0.25, 1, 4}},
	} {
		e := load(t, "data: {task: demo}\nfinetune: {class_weights: "+row.yaml+"}\n")
		got, err := e.Finetune.ClassWeights.Of(labels, counts)
		if err != nil || !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %v, %v, want %v", row.yaml, got, err, row.want)
		}
	}
	e := load(t, "data: {task: demo}\n", "finetune.class_weights={No: 2, YES: 1}")
	const want = `finetune.class_weights names "YES", but the labels are ["No" "yes" "1"]`
	if _, err := e.Finetune.ClassWeights.Of(labels, counts); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if got := load(t, "data: {task: demo}\n", "finetune.class_weights=balanced").Finetune.ClassWeights; got != Balanced {
		t.Errorf("an override gives %q", got)
	}
}

// The resolved experiment, for people and machines, has the mapping as it was given.
func TestClassWeightsAreShown(t *testing.T) {
	e := load(t, "data: {task: demo}\nfinetune: {class_weights: {neg: 2}}\n")
	if text := string(e.YAML()); !strings.Contains(text, "\n  class_weights:\n    neg: 2\n") {
		t.Errorf("%s", text)
	}
	if got := e.Map()["finetune"].(map[string]any)["class_weights"]; got != ClassWeights(`{"neg":2}`) {
		t.Errorf("%v", got)
	}
}

package configs

import (
	"reflect"
	"slices"
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

// Of 10 examples 2 have the first label: having it counts (10 − 2)/2. Labels that none or
// all of them have count 1.
func TestWeightsOfHavingLabels(t *testing.T) {
	labels, counts := []string{"a", "b", "c", "d"}, []int{2, 8, 0, 10}
	for _, row := range []struct {
		weights ClassWeights
		want    []float64
	}{{Balanced, []float64{4, 0.25, 1, 1}}, {`{"b":3}`, []float64{1, 3, 1, 1}}, {"", nil}} {
		if got, err := row.weights.Having(labels, counts, 10); err != nil || !slices.Equal(got, row.want) {
			t.Errorf("%s: %v (%v), want %v", row.weights, got, err, row.want)
		}
	}
}

// What a table's texts have follows from how it tells, and the metric from that.
func TestSeveralLabelsFollow(t *testing.T) {
	table := "tokenizer: {vocab: v}\ndata: {task: table, train: t.csv, text: [a], label: b}\n"
	for _, row := range []struct {
		set    string
		want   bool
		metric string
	}{
		{"data.multi_label=true", true, "micro_f1"}, {"data.label_separator=;", true, "micro_f1"}, {"data.label=[b, c]", true, "micro_f1"},
		{"data.metric=map", true, "map"}, {"data.metric=macro_f1", false, "macro_f1"}, {"data.metric=f1@x", false, "f1@x"}, {"data.label=[b]", false, "accuracy"},
	} {
		e := load(t, table, row.set)
		if e.Data.MultiLabel != row.want || e.Data.Metric != row.metric {
			t.Errorf("%s: several labels %v by %s, want %v by %s", row.set, e.Data.MultiLabel, e.Data.Metric, row.want, row.metric)
		}
	}
	e := load(t, table, "data.label=[b, c]", "data.metric=pearson")
	if src := e.Source(); e.Data.MultiLabel || src.Label != "b\nc" || !src.Scores || src.Several {
		t.Errorf("several scores: %+v", src)
	}
	if src := load(t, table, "data.label=[b, c]").Source(); src.Scores || !src.Several {
		t.Errorf("several labels: %+v", src)
	}
}

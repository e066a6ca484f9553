package problem

import (
	"maps"
	"slices"
	"testing"
)

func TestHeads(t *testing.T) {
	want := map[Kind]string{Classification: "XForSequenceClassification", Regression: "XForSequenceClassification", MultipleChoice: "XForMultipleChoice",
		MultiLabel: "XForSequenceClassification"}
	if got := Heads("X", Supervised...); !maps.Equal(got, want) {
		t.Errorf("heads are %v, want %v", got, want)
	}
	want[MaskedTokens] = "XForMaskedLM"
	if got := Heads("X", Kinds...); !maps.Equal(got, want) {
		t.Errorf("heads are %v, want %v", got, want)
	}
	if len(Supervised) != 4 || slices.Contains(Supervised, MaskedTokens) {
		t.Errorf("examples have the truth of %v", Supervised)
	}
}

// What config.json tells, by a family with every head and one that guesses no tokens.
func TestTold(t *testing.T) {
	all, few := Heads("X", Kinds...), Heads("X", Supervised...)
	for _, c := range []struct {
		heads         map[Kind]string
		architectures []string
		problemType   string
		labels        int
		want          Kind
	}{
		{all, nil, "", 2, Classification},
		{all, nil, "", 1, MultiLabel},
		{all, nil, "single_label_classification", 1, MultiLabel},
		{all, nil, "multi_label_classification", 3, MultiLabel},
		{few, nil, "multi_label_classification", 1, MultiLabel},
		{all, nil, "regression", 1, Regression},
		{all, nil, "regression", 3, Regression},
		{all, nil, "single_label_classification", 3, Classification},
		{all, []string{"XModel"}, "", 3, Classification},
		{all, []string{"XForMultipleChoice"}, "", 4, MultipleChoice},
		{all, []string{"XForMultipleChoice"}, "", 1, MultipleChoice},
		{all, []string{"XForMaskedLM"}, "regression", 1, MaskedTokens},
		{all, []string{"XForMaskedLM", "XModel"}, "", 2, Classification},
		{all, []string{"YForMaskedLM"}, "", 2, Classification},
		{few, []string{"XForMaskedLM"}, "", 2, Classification},
		{few, []string{""}, "", 2, Classification},
	} {
		if got := Told(c.heads, c.architectures, c.problemType, c.labels); got != c.want {
			t.Errorf("%q, %q, %d labels: %s, want %s", c.architectures, c.problemType, c.labels, got, c.want)
		}
	}
}

// A regression and labels by themselves are told by problem_type, and only by it where
// there are more labels than one.
func TestProblemType(t *testing.T) {
	heads := Heads("X", Kinds...)
	for _, k := range append(slices.Clone(Kinds), MultiLabel) {
		if got := Told(heads, []string{heads[k]}, k.ProblemType(), 3); got != k {
			t.Errorf("%s is told as %s", k, got)
		}
		if (k.ProblemType() == "") == (k == Regression || k == MultiLabel) {
			t.Errorf("problem_type of %s is %q", k, k.ProblemType())
		}
	}
}

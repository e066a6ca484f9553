package model

import (
	"slices"
	"testing"

	"github.com/powerbert/powerbert/model/arch"
)

// Where the names of a checkpoint's outputs are those asked for, in whatever order, case
// or not, its classifier stands in their order; otherwise it is new.
func TestOrderOfLabels(t *testing.T) {
	for _, c := range []struct{ was, now, want string }{
		{"abc", "abc", "012"}, {"abc", "cab", "201"}, {"abc", "CAB", "201"}, {"ab", "abc", ""}, {"abc", "ab", ""}, {"abc", "abd", ""},
		{"aab", "aab", "012"}, {"aab", "aba", ""}, {"a", "a", "0"}, {"a", "b", ""},
	} {
		got := ""
		for _, i := range orderOf(letters(c.was), letters(c.now)) {
			got += string(rune('0' + i))
		}
		if got != c.want {
			t.Errorf("%s in place of %s: %q, want %q", c.now, c.was, got, c.want)
		}
	}
}

func letters(s string) (all []string) {
	for _, r := range s {
		all = append(all, string(r))
	}
	return all
}

// A classifier whose labels come in another order makes the same logit for each name, and
// what is said tells the checkpoint's order.
func TestReorderedClassifier(t *testing.T) {
	files := edited(single(checkpoint(3, "F32")), "config.json", `{`, `{"id2label": {"0": "entailment", "1": "neutral", "2": "contradiction"}, `)
	dir := folder(t, files)
	was, err := Load[float32](dir, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		labels    []string
		order     []int // none: the classifier is new
		reordered bool
	}{
		{[]string{"contradiction", "Entailment", "neutral"}, []int{2, 0, 1}, true},
		{[]string{"entailment", "neutral", "contradiction"}, []int{0, 1, 2}, false},
		{[]string{"no", "perhaps", "yes"}, nil, false},
	} {
		l, err := Load[float32](dir, LoadOptions{Labels: c.labels})
		if err != nil {
			t.Fatal(err)
		}
		if l.Reordered != c.reordered || (len(l.Initialised) == 0) != (c.order != nil) || !slices.Equal(l.Config.Labels(), c.labels) {
			t.Errorf("%q: reordered %v, initialised %q", c.labels, l.Reordered, l.Initialised)
		}
		if others := c.reordered || c.order == nil; others != slices.Equal(l.Labels, was.Config.Labels()) {
			t.Errorf("%q: said are %q", c.labels, l.Labels)
		}
		for i, from := range c.order {
			h := l.Config.HiddenSize
			weight, bias := l.Params.Slice("classifier.weight"), l.Params.Slice("classifier.bias")
			if !slices.Equal(weight[i*h:(i+1)*h], was.Params.Slice("classifier.weight")[from*h:(from+1)*h]) || bias[i] != was.Params.Slice("classifier.bias")[from] {
				t.Errorf("%q: output %d is not the checkpoint's %d", c.labels, i, from)
			}
		}
	}
}

// A head that chooses is none that classifies, though both have one output.
func TestHeadOfAnotherProblem(t *testing.T) {
	var chooses, scores, sorts arch.Config
	for text, c := range map[string]*arch.Config{
		`{"architectures": ["BertForMultipleChoice"]}`:    &chooses,
		`{"num_labels": 1, "problem_type": "regression"}`: &scores,
		`{}`: &sorts,
	} {
		if err := c.UnmarshalJSON([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		was, now *arch.Config
		kept     bool
	}{{&chooses, &chooses, true}, {&chooses, &scores, false}, {&scores, &chooses, false}, {&scores, &scores, true}, {&scores, &sorts, false}, {&sorts, &sorts, true}} {
		if got := headOrder(c.was, c.now) != nil; got != c.kept {
			t.Errorf("%s for %s: kept %v", c.was.Problem(), c.now.Problem(), got)
		}
	}
}

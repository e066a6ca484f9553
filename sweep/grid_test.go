package sweep

import (
	"reflect"
	"testing"
)

func TestParseAxis(t *testing.T) {
	for text, want := range map[string][]string{
		"seed=1":                           {"1"},
		"search.lambda=1e-4,3e-4":          {"1e-4", "3e-4"},
		"retrain.retention=[8,4],[6,2],[]": {"[8,4]", "[6,2]", "[]"},
		"data.dir=a=b,c":                   {"a=b", "c"},
	} {
		a, err := parseAxis(text)
		if err != nil || !reflect.DeepEqual(a.Values, want) {
			t.Errorf("%s has the values %q (%v), want %q", text, a.Values, err, want)
		}
	}
	for _, text := range []string{"seed", "=1", "seed=", "seed=1,", ""} {
		if a, err := parseAxis(text); err == nil {
			t.Errorf("%q is read as %v, want an error", text, a)
		}
	}
}

// The last axis turns fastest, and sets share no memory.
func TestProduct(t *testing.T) {
	got := product([]Axis{{"a", []string{"1", "2"}}, {"b", []string{"x"}}, {"c", []string{"3", "4", "5"}}})
	var want []Point
	for i, set := range [][]string{
		{"a=1", "b=x", "c=3"}, {"a=1", "b=x", "c=4"}, {"a=1", "b=x", "c=5"},
		{"a=2", "b=x", "c=3"}, {"a=2", "b=x", "c=4"}, {"a=2", "b=x", "c=5"},
	} {
		want = append(want, Point{i, "00" + string(rune('0'+i)), set})
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("points %v, want %v", got, want)
	}
}

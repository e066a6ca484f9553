package mistakes

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/problem"
)

// shops are 200 examples of two labels: of 100 in the east 95 are answered rightly, of 60 in
// the west 30, of 39 without a shop all, and the one in the north. Their lengths are 3 in the
// east, and else their number.
func shops() (set *data.Set, encoded []data.Encoded, out *problem.Outputs) {
	set = &data.Set{Path: "dev.csv", Problem: problem.Classification, Labels: []string{"a", "b"}}
	out = &problem.Outputs{Kind: problem.Classification, Labels: set.Labels}
	for i := range 200 {
		shop, right, tokens := "east", i >= 5, 3
		switch {
		case i >= 199:
			shop = "north"
		case i >= 160:
			shop = ""
		case i >= 100:
			shop, right = "west", i >= 130
		}
		if i >= 100 {
			tokens = i
		}
		logits := []float32{1, 0}
		if !right {
			logits = []float32{0, 1}
		}
		if i%2 == 1 { // the other label
			logits[0], logits[1] = logits[1], logits[0]
		}
		set.Examples = append(set.Examples, data.Example{Label: i % 2, Kept: []string{"same", shop, fmt.Sprint(i)}})
		encoded = append(encoded, data.Encoded{IDs: make([]int32, tokens-tokens/3), Cut: tokens / 3})
		out.Gold, out.Logits = append(out.Gold, i%2), append(out.Logits, logits)
	}
	return set, encoded, out
}

var shopColumns = []string{"x", "shop", "number"}

// lines writes slices short.
func lines(t *testing.T, s *Slices) (text string) {
	t.Helper()
	for _, p := range s.Slices {
		text += fmt.Sprintf("%s: %d %.3f [%.3f %.3f] %s; ", p.Name, p.Examples, *p.Value, p.Interval.Low, p.Interval.High, p.Verdict())
	}
	return text
}

// The values of a column, with Wilson's intervals (checked against the formula in metric); of
// all 165 of 200 are right, 0.825.
func TestByColumn(t *testing.T) {
	set, encoded, out := shops()
	got, err := By([]string{"shop"}, set, shopColumns, encoded, out, "accuracy")
	if err != nil {
		t.Fatal(err)
	}
	w := func(right, n int) string {
		v := metric.Wilson(right, n)
		return fmt.Sprintf("[%.3f %.3f]", v.Low, v.High)
	}
	want := "east: 100 0.950 " + w(95, 100) + " higher than all; west: 60 0.500 " + w(30, 60) + " lower than all; (empty): 39 1.000 " + w(39, 39) +
		" higher than all; north: 1 1.000 " + w(1, 1) + " too few to tell; "
	if method := got[0].Method(); !strings.HasPrefix(method, "Wilson's") {
		t.Errorf("intervals are said to be %s", method)
	}
	if len(got) != 1 || got[0].By != "shop" || got[0].Metric != "accuracy" || lines(t, &got[0]) != want {
		t.Errorf("slices %s\nwant   %s", lines(t, &got[0]), want)
	}
}

// Half of the lengths are 3, so two quartiles are one; what was cut off counts. Numbers of
// many values are parted alike, each value once.
func TestByLength(t *testing.T) {
	set, encoded, out := shops()
	got, err := By([]string{ByLength, "number"}, set, shopColumns, encoded, out, "accuracy")
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	var names []string
	for _, s := range got {
		for _, p := range s.Slices {
			names = append(names, fmt.Sprintf("%s: %d", p.Name, p.Examples))
		}
	}
	if want := "3: 100, 100–149: 50, 150–199: 50, 0–49: 50, 50–99: 50, 100–149: 50, 150–199: 50"; strings.Join(names, ", ") != want {
		t.Errorf("slices %s, want %s", strings.Join(names, ", "), want)
	}
}

// Of 21 texts the 20 most frequent stand for themselves; 29 examples are too few to tell, 30
// are not; a number without a value is a group of its own.
func TestByManyValues(t *testing.T) {
	set, encoded, out := shops()
	for i := range set.Examples {
		set.Examples[i].Kept = []string{fmt.Sprintf("v%02d", min(i/29, 1)*(1+i%22)), "", fmt.Sprint(i / 2)}
		if i < 30 {
			set.Examples[i].Kept[2] = ""
		}
	}
	got, err := By([]string{"x", "number"}, set, shopColumns, encoded, out, "accuracy")
	if err != nil {
		t.Fatal(err)
	}
	texts, numbers := got[0].Slices, got[1].Slices
	if len(texts) != 21 || texts[0].Name != "v00" || texts[0].Examples != 29 || !texts[0].Small || texts[20].Name != "3 other values" {
		t.Errorf("slices %+v", texts)
	}
	if n := len(numbers); n != 5 || numbers[n-1].Name != "(empty)" || numbers[n-1].Examples != 30 || numbers[n-1].Small || numbers[0].Name != "15–36" {
		t.Errorf("slices %+v", numbers)
	}
}

// A metric that says nothing of a slice has no value there, and a column of nothing is an
// error of the file.
func TestByWhatTellsNothing(t *testing.T) {
	set, encoded, out := shops()
	for i := range set.Examples {
		set.Examples[i].Kept[0] = []string{"of a", "of b"}[i%2]
	}
	got, err := By([]string{"x"}, set, shopColumns, encoded, out, "f1")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := got[0].Slices[0], got[0].Slices[1]; a.Value != nil || a.Interval != nil || !strings.HasPrefix(a.Verdict(), "cannot tell") || b.Value == nil || b.Interval.Method != metric.MethodBootstrap {
		t.Errorf("slices %+v and %+v", a, b)
	}
	if got := got[0].Method(); got != "percentiles of 1000 bootstrap resamples" {
		t.Errorf("intervals are said to be %s", got)
	}
	if got := (&Slices{Slices: []Slice{{}}}).Method(); got != "" {
		t.Errorf("no intervals are said to be %s", got)
	}
	for i := range set.Examples {
		set.Examples[i].Kept[0] = ""
	}
	var file *data.Error
	if _, err := By([]string{"x"}, set, shopColumns, encoded, out, "f1"); !errors.As(err, &file) || !strings.Contains(err.Error(), `dev.csv: has nothing in column "x"`) {
		t.Errorf("error %v", err)
	}
	if _, err := By([]string{ByLength}, set, nil, encoded, out, "pearson"); err == nil {
		t.Error("a correlation of labels: no error")
	}
}

func TestColumns(t *testing.T) {
	if got := fmt.Sprint(Columns([]string{"shop", ByLength, "x"})); got != "[shop x]" {
		t.Errorf("columns %s", got)
	}
}

func TestParsed(t *testing.T) {
	if x, ok := parsed([]string{"1e2", "", "-3"}); !ok || x[0] != 100 || !math.IsNaN(x[1]) || x[2] != -3 {
		t.Errorf("%v, %v", x, ok)
	}
	for _, text := range []string{"x", "NaN", "inf"} {
		if _, ok := parsed([]string{"1", text}); ok {
			t.Errorf("%s is taken for a number", text)
		}
	}
}

// The largest group comes first, and equals in the order of their values; twenty values have a
// group each, twenty-one do not.
func TestByValue(t *testing.T) {
	var got []string
	for _, g := range byValue([]string{"c", "b", "", "b", "c", "a", "b", "a"}) {
		got = append(got, fmt.Sprint(g.name, g.examples))
	}
	if want := "b[1 3 6] a[5 7] c[0 4] (empty)[2]"; strings.Join(got, " ") != want {
		t.Errorf("groups %s, want %s", strings.Join(got, " "), want)
	}
	for values, want := range map[int]int{20: 20, 21: 4} {
		set := &data.Set{}
		for i := range 42 {
			set.Examples = append(set.Examples, data.Example{Kept: []string{fmt.Sprint(i % values)}})
		}
		if groups, err := byColumn(set, "x", 0); err != nil || len(groups) != want {
			t.Errorf("%d numbers are %d groups (%v), want %d", values, len(groups), err, want)
		}
	}
}

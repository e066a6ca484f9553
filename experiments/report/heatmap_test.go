package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/predict/mistakes"
	"github.com/powerbert/powerbert/problem"
)

// confusedLabels are mistakes of so many labels with long names, made up: most examples are
// right, some taken for one of a few other labels.
func confusedLabels(n int) *Mistakes {
	source := rand.New(rand.NewPCG(uint64(n), 1))
	m := &Mistakes{Confusion: make([][]int, n)}
	for i := range n {
		m.Labels = append(m.Labels, fmt.Sprintf("%s of kind %d", []string{"Rückerstattung einer Zahlung", "<b>CARD</b> & PIN", "カードの支払い"}[i%3], i))
		m.Confusion[i] = make([]int, n)
		m.Confusion[i][i] = 20 + source.IntN(30)
		for range min(3, n-1) {
			m.Confusion[i][(i+n/3+source.IntN(max(n/4, 1)))%n] += source.IntN(12)
		}
	}
	m.Confused = mistakes.Pairs(m.Labels, m.Confusion)
	return m
}

// Every entry that is not 0 has a cell of its own, which says what it is, and a shade by its
// share of the row.
func TestHeatmapOfFewLabels(t *testing.T) {
	m := &Mistakes{Labels: []string{"bad", "good"}, Confusion: [][]int{{3, 1}, {0, 6}}}
	h := m.heatmap()
	var got []string
	for _, c := range h.Cells {
		got = append(got, fmt.Sprintf("%s %s %.2f %s", c.Class, c.Text, c.Shade, c.Title))
	}
	want := []string{"right 3 0.87 true: bad, said: bad: 3 of 4 (75.0 %)", "wrong 1 0.53 true: bad, said: good: 1 of 4 (25.0 %)", "right 6 1.00 true: good, said: good: 6 of 6 (100.0 %)"}
	if !slices.Equal(got, want) {
		t.Errorf("cells %q, want %q", got, want)
	}
	if a, b, c := h.Cells[0], h.Cells[1], h.Cells[2]; math.Abs(a.X+a.Width-b.X) > 0.011 || a.Y != b.Y || b.X != c.X || math.Abs(b.Y+b.Height-c.Y) > 0.011 {
		t.Errorf("cells %+v do not lie side by side", h.Cells)
	}
	if h.Rows[0].Name != "bad" || h.Columns[1].Name != "good" || h.Columns[0].Turned {
		t.Errorf("rows %+v, columns %+v", h.Rows, h.Columns)
	}
	if (&Mistakes{Labels: []string{"score"}}).heatmap() != nil {
		t.Error("a heatmap of no confusion")
	}
}

// Whatever the number of labels, all lies within the picture, cells do not overlap, and every
// label is named: beside its row and column, or by what says its name.
func TestHeatmapKeepsWithinItsPicture(t *testing.T) {
	for _, n := range []int{2, 3, 7, 12, 13, 24, 25, 77, 150} {
		m := confusedLabels(n)
		h := m.heatmap()
		var titles []string
		for i := range n {
			row, column := h.Rows[i], h.Columns[i]
			titles = append(titles, strings.Split(strings.TrimPrefix(row.Title, "true: "), ", ")[0])
			if column.Title != "said: "+titles[i] {
				t.Errorf("%d labels: row %q and column %q are not of one label", n, row.Title, column.Title)
			}
			if named := n <= mostNamed; named != (row.Name != "") || named != (column.Name != "") {
				t.Errorf("%d labels: names %q and %q", n, row.Name, column.Name)
			}
			if row.Name != "" && (row.NameX-textWidth(row.Name) < 0 || h.Cells[0].Height < lineHeight) {
				t.Errorf("%d labels: no room for %q", n, row.Name)
			}
		}
		if slices.Sort(titles); !slices.Equal(titles, slices.Sorted(slices.Values(m.Labels))) {
			t.Errorf("%d labels: %q", n, titles)
		}
		right := 0
		for _, c := range h.Cells {
			if c.X < 0 || c.Y < 0 || c.X+c.Width > h.Width || c.Y+c.Height > h.Height || c.Width < 2 || c.Height < 2 || c.Shade < 0.1 || c.Shade > 1 {
				t.Errorf("%d labels: %+v in %v × %v", n, c, h.Width, h.Height)
			}
			if c.Class == "right" {
				right++
			}
			if (c.Text != "") != (n <= mostCounted) {
				t.Errorf("%d labels: a cell says %q", n, c.Text)
			}
		}
		if right != n || len(h.Cells) != n+len(m.Confused) {
			t.Errorf("%d labels: %d cells, %d of them right, want %d", n, len(h.Cells), right, n+len(m.Confused))
		}
	}
}

// Shades grow with the share, and that of one in a hundred is seen.
func TestShade(t *testing.T) {
	if shade(0.01) < 0.15 || shade(1) != 1 || !(shade(0.1) < shade(0.2)) || shade(0.25) != 0.53 {
		t.Errorf("shades %v, %v, %v", shade(0.01), shade(0.25), shade(1))
	}
}

func TestFitted(t *testing.T) {
	for _, name := range []string{"short", strings.Repeat("W", 90), strings.Repeat("支", 30), ""} {
		got := fitted(name)
		if textWidth(got) > mostName || (got == name) != (textWidth(name) <= mostName) {
			t.Errorf("%q becomes %q of %v", name, got, textWidth(got))
		}
	}
	if got := fitted("card payment fee charged twice"); got != "card pa… twice" {
		t.Errorf("a long name becomes %q, want both its ends", got)
	}
}

// madeUp are mistakes with everything that a page shows of them, and names that would break it.
func madeUp(n int) *Mistakes {
	m := confusedLabels(n)
	value, p, residual := 0.5, 0.97, -2.5
	m.Slices = []mistakes.Slices{{By: mistakes.ByLength, Metric: "matthews", Slices: []mistakes.Slice{
		{Name: "3–9", Examples: 40, Value: &value, Interval: &metric.Interval{Low: -0.2, High: 0.7, Method: metric.MethodBootstrap}, Than: "lower"},
		{Name: strings.Repeat("unbreakable", 20), Examples: 4, Small: true}, {Name: "<i>", Examples: 400}}}}
	m.Errors = []mistakes.Error{{File: "dev.csv", Line: 3, Gold: "", Said: "<b>said</b>", Label: "x", Missed: true, Probability: &p, Text: strings.Repeat("long <script> ", 90)},
		{File: "dev.csv", Example: 7, Gold: "1.00", Said: "-1.50", Residual: &residual, Text: strings.Repeat("x", 300), Pair: "pair", Contradicts: []string{"dev.csv:9 has 3"}},
		{File: "race", Example: 8, Gold: "A", Said: "B", Probability: &p, Text: "passage", Options: []string{"first", "second"}}}
	curve := problem.Curve{At: 0.4, Points: []metric.Threshold{{At: 0, Precision: 0.5, Recall: 1, Said: 4}, {At: 0.5, Precision: 1, Recall: 0.5, Said: 1}}}
	for i := range 14 {
		c := LabelCurve{Label: fmt.Sprintf("<u>label %d</u>", i), Curve: curve}
		if i == 0 {
			c.Temperature, c.Without = 1.5, &curve
		}
		m.Curves = append(m.Curves, c)
	}
	return m
}

// What is wrong shows, escaped and cut, whatever the kind of problem.
func TestPageShowsMistakes(t *testing.T) {
	r := *measured(t)
	plain, _ := elements(t, pageOf(t, &r))
	r.Mistakes = madeUp(30)
	page := pageOf(t, &r)
	count, shown := elements(t, page)
	if count["script"] != 1 || count["b"] != plain["b"]-2*len(measured(t).Mistakes.Errors)+2*3 || count["u"] != 0 {
		t.Errorf("data became elements: %v beside %v", count, plain)
	}
	for _, want := range []string{"What it gets wrong", "matthews by length in word-pieces", "0.5000", "-0.2000–0.7000", "(percentiles of 1000 bootstrap resamples)", "lower than all", "too few to tell", "cannot tell",
		"x missed at 0.970", "-2.50", "but dev.csv:9 has 3", "dev.csv:3", "dev.csv, example 7", "<b>said</b>", "none", "second",
		"Threshold of <u>label 11</u>", "precision at T = 1.5", "recall at T = 1", "said from 0.40 on", "The thresholds are those of the labels that most examples have; 2 more have none here."} {
		if !strings.Contains(shown, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, not := range []string{"Threshold of <u>label 12</u>", strings.Repeat("long <script> ", 40), "ZgotmplZ", "NaN"} {
		if strings.Contains(shown, not) || strings.Contains(page, not) {
			t.Errorf("the page says %q", not)
		}
	}
}

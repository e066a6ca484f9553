package report

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/experiments/exptest"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/problem"
)

// What a report says of mistakes is what train eval says of the same model, and its counts
// are those of the dev set.
func TestMeasureFindsMistakes(t *testing.T) {
	r := measured(t)
	m, s := r.Mistakes, r.Summary
	e, err := pipeline.Evaluate(t.Context(), filepath.Join(r.Dir, "retrain"), pipeline.EvaluateOptions{By: []string{"length"}})
	if err != nil {
		t.Fatal(err)
	}
	e.Worst(shownErrors)
	for name, pair := range map[string][2]any{"confused": {m.Confused, e.Confused}, "confusion": {m.Confusion, e.Confusion}, "slices": {m.Slices, e.Slices}, "errors": {places(m), len(e.Errors)}} {
		got, _ := json.Marshal(pair[0])
		want, _ := json.Marshal(pair[1])
		if string(got) != string(want) {
			t.Errorf("%s: %s, want %s as eval has it", name, got, want)
		}
	}
	all := 0
	for _, part := range m.Slices[0].Slices {
		all += part.Examples
	}
	if all != s.Examples || len(m.Slices) != 1 || m.Slices[0].Metric != s.Metric {
		t.Errorf("slices %+v of %d examples", m.Slices, s.Examples)
	}
	if len(m.Curves) != 1 || m.Curves[0].Label != "positive" || m.Curves[0].Without != nil || m.Curves[0].Points[0].Said != s.Examples {
		t.Errorf("curves %+v, want one of the second label", m.Curves)
	}
}

// places counts the errors whose examples are places in the set.
func places(m *Mistakes) (n int) {
	for _, e := range m.Errors {
		if e.Example > 0 && e.Gold != e.Said {
			n++
		}
	}
	return n
}

// columnsOf writes the examples of a tiny run as files, of which dev has a column more and
// its first two texts stand in train, too, with the other label.
func columnsOf(t *testing.T) (settings []string) {
	settings = exptest.Files(t)
	at := slices.IndexFunc(settings, func(s string) bool { return strings.HasPrefix(s, "data.dir=") })
	folder := strings.TrimPrefix(settings[at], "data.dir=")
	text, err := os.ReadFile(filepath.Join(folder, "dev.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	train, err := os.OpenFile(filepath.Join(folder, "train.csv"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer train.Close()
	for i := range lines {
		review, label, _ := strings.Cut(lines[i], ",")
		if i == 1 || i == 2 {
			train.WriteString(review + "," + map[string]string{"positive": "negative", "negative": "positive"}[label] + "\n")
		}
		lines[i] += "," + []string{"shop", "east", "west"}[min(i, 1+i/41)]
	}
	exptest.Write(t, filepath.Join(folder, "dev.csv"), strings.Join(lines, "\n"))
	return settings
}

// Columns are read beside the length, which comes first and once; a text that train has with
// another label says so; a column that is not there is an error before anything is run.
func TestMeasureByColumns(t *testing.T) {
	dir := t.TempDir()
	exptest.Run(t, dir, columnsOf(t)...)
	o := quick
	o.By = []string{"shop", "length"}
	r, err := Measure(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	m := r.Mistakes
	if len(m.Slices) != 2 || m.Slices[0].By != "length" || m.Slices[1].By != "shop" {
		t.Fatalf("slices %+v, want length and shop", m.Slices)
	}
	if east, west := m.Slices[1].Slices[0], m.Slices[1].Slices[1]; east.Name != "east" || east.Examples != 40 || west.Examples != 5 || !west.Small {
		t.Errorf("slices %+v, want 40 in the east and 5 in the west", m.Slices[1].Slices)
	}
	contradicted := 0
	for _, e := range m.Errors {
		contradicted += len(e.Contradicts)
		if told := len(e.Contradicts) == 1 && strings.Contains(e.Contradicts[0], "train.csv:6") && strings.HasSuffix(e.Contradicts[0], " has "+e.Said); told != (e.Example <= 2) {
			t.Errorf("example %d: contradicted by %q", e.Example, e.Contradicts)
		}
	}
	if contradicted == 0 {
		t.Error("no error is contradicted")
	}
	if page := pageOf(t, r); !strings.Contains(page, "accuracy by shop") {
		t.Error("the page has no scores by shop")
	}
	o.By = []string{"none"}
	if _, err := Measure(t.Context(), dir, o); err == nil || !strings.Contains(err.Error(), `has no column "none"`) {
		t.Errorf("a column that is not there: %v", err)
	}
}

// At a temperature the curves are those of its probabilities, beside those without; the label
// that most examples have comes first, and one that none has is left out.
func TestLabelCurves(t *testing.T) {
	m := &infer.Model{}
	m.Config.Temperature = 2
	raw := &problem.Outputs{Kind: problem.MultiLabel, Targets: [][]float64{{0, 1, 0}, {1, 1, 0}}, Logits: [][]float32{{2, 2, 2}, {2, 2, 2}}}
	got := labelCurves(m, []string{"a", "b", "c"}, raw.At(2))
	if len(got) != 2 || got[0].Label != "b" || got[1].Label != "a" || got[0].Temperature != 2 {
		t.Fatalf("curves %+v, want b and a", got)
	}
	last := func(c *problem.Curve) float64 { return c.Points[len(c.Points)-1].At }
	if with, without := last(&got[0].Curve), last(got[0].Without); math.Abs(with-0.73) > 1e-9 || math.Abs(without-0.88) > 1e-9 { // σ(1), σ(2)
		t.Errorf("said up to %v, and without a temperature %v, want 0.73 and 0.88", with, without)
	}
	charts := (&Mistakes{Curves: got}).thresholdCharts()
	if len(charts) != 2 || len(charts[0].Lines) != 5 || charts[1].Title != "Threshold of a" || charts[0].XTicks[len(charts[0].XTicks)-1].Label != "1" {
		t.Errorf("charts %+v", charts)
	}
	m.Config.Temperature = 0
	if got := labelCurves(m, []string{"a", "b", "c"}, raw); got[0].Without != nil {
		t.Error("curves without a temperature where there is none")
	}
}

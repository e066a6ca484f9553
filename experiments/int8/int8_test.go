package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/quantize"
)

// row is a model whose metric changes from a value to another.
func row(power bool, before, after, half float64, agreement *float64) Row {
	c := &quantize.Comparison{Examples: 400, Metric: "accuracy", Agreement: agreement, Interval: &metric.Interval{Low: after - before - half, High: after - before + half}}
	c.Float32.Value, c.Int8.Value = &before, &after
	if power {
		c.ChangedPicks = []float64{0.01, 0.03, 0.02}
	}
	return Row{"task", 1, power, "a processor", "abc", c}
}

// Rows of a kind are pooled: the mean of -1 and -0.4 points, whose half widths 3 and 4 make 5
// of the sum and 2.5 of the mean.
func TestTable(t *testing.T) {
	most, least := 0.995, 0.987
	r := Record{Rows: []Row{
		row(false, 0.80, 0.79, 0.03, &most), row(true, 0.75, 0.755, 0.01, &most),
		row(false, 0.90, 0.896, 0.04, &least), row(true, 0.85, 0.85, 0.01, nil),
	}}
	text := r.markdown()
	for _, line := range []string{
		"| task | 1 | dense | 400 | accuracy | 80.00 | 79.00 | -1.00 [-4.00, +2.00] | 99.5 % |  | 0 | a processor | abc |\n",
		"| task | 1 | PoWER | 400 | accuracy | 85.00 | 85.00 | +0.00 [-1.00, +1.00] |  | 3.0 % | 0 | a processor | abc |\n",
		"\ndense: -0.70 points [-3.20, +1.80] pooled over 2 models; at least 98.7 % of the labels agree.\n",
		"\nPoWER: +0.25 points [-0.46, +0.96] pooled over 2 models; at least 99.5 % of the labels agree.\n",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("the table lacks %q:\n%s", line, text)
		}
	}
}

// A run that is recorded again takes the place of its rows, and other runs stay.
func TestRecordGoesOn(t *testing.T) {
	var r Record
	other := row(false, 0.5, 0.5, 0, nil)
	other.Run = "other"
	r.put([]Row{row(false, 0.8, 0.7, 0, nil), row(true, 0.8, 0.7, 0, nil)})
	r.put([]Row{other})
	r.put([]Row{row(false, 0.8, 0.9, 0, nil)})
	if len(r.Rows) != 2 || r.Rows[0].Run != "other" || *r.Rows[1].Int8.Value != 0.9 {
		t.Errorf("recorded are %+v", r.Rows)
	}
}

// What is no run with both precisions is refused by name.
func TestRunsWithoutInt8(t *testing.T) {
	if err := run(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "names no run") {
		t.Errorf("nothing: %v", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "experiment.yaml"), []byte("name: other\ndata: {task: demo}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"-out", dir, dir}); err == nil || !strings.Contains(err.Error(), "want a run with quantize: true") {
		t.Errorf("without int8: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "quantize.json"), []byte(`{"dense": {}, "power": {}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"-out", dir, dir}); err == nil || !strings.Contains(err.Error(), "has no difference of the metric") {
		t.Errorf("without labels: %v", err)
	}
}

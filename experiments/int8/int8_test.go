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
	return Row{"task", 1, power, c}
}

// Rows of a kind are pooled: the mean of -1 and -0.4 points, whose half widths 3 and 4 make 5
// of the sum and 2.5 of the mean.
func TestTable(t *testing.T) {
	most, least := 0.995, 0.987
	r := Record{Machine: "a processor", Commit: "abc", Rows: []Row{
		row(false, 0.80, 0.79, 0.03, &most), row(true, 0.75, 0.755, 0.01, &most),
		row(false, 0.90, 0.896, 0.04, &least), row(true, 0.85, 0.85, 0.01, nil),
	}}
	text := r.markdown()
	for _, line := range []string{
		"a processor, commit abc.\n",
		"| task | 1 | dense | 400 | accuracy | 80.00 | 79.00 | -1.00 [-4.00, +2.00] | 99.5 % |  | 0 |\n",
		"| task | 1 | PoWER | 400 | accuracy | 85.00 | 85.00 | +0.00 [-1.00, +1.00] |  | 3.0 % | 0 |\n",
		"\ndense: -0.70 points [-3.20, +1.80] pooled over 2 models; at least 98.7 % of the labels agree.\n",
		"\nPoWER: +0.25 points [-0.46, +0.96] pooled over 2 models; at least 99.5 % of the labels agree.\n",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("the table lacks %q:\n%s", line, text)
		}
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

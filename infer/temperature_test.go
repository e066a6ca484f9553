package infer

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/problem"
)

// calibrated is tinyFor with a temperature.
func calibrated(t *testing.T, temperature float64, p problem.Kind, labels ...string) (*Model, string) {
	t.Helper()
	_, dir := tinyFor(t, p, labels...)
	if err := model.SetTemperature(dir, temperature); err != nil {
		t.Fatal(err)
	}
	m, err := Open(dir, length)
	if err != nil {
		t.Fatal(err)
	}
	return m, dir
}

// Probabilities are softmax(z/T), or sigmoids of that, in predictions, passes and traces.
func TestTemperatureDividesLogits(t *testing.T) {
	const temperature = 2.5
	for _, kind := range []problem.Kind{problem.Classification, problem.MultiLabel} {
		m, _ := calibrated(t, temperature, kind, "a", "b", "c")
		examples, _ := encoded(m, 11)
		raw := logits(t, m, examples)
		said, err := m.Run(t.Context(), examples, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range said.Predictions {
			scaled := make([]float32, 3)
			for k := range scaled {
				scaled[k] = raw[3*i+k] / temperature
			}
			want := problem.Softmax(scaled)
			if kind == problem.MultiLabel {
				for k, v := range scaled {
					want[k] = kernel.Sigmoid(float64(v))
				}
			}
			trace, err := m.TraceEncoded(examples[i])
			if err != nil {
				t.Fatal(err)
			}
			for k := range want {
				if math.Abs(p.Probabilities[k]-want[k]) > 1e-5 || math.Abs(trace.Prediction.Probabilities[k]-want[k]) > 1e-5 {
					t.Errorf("%s: text %d: %v, traced %v, want %v", kind, i, p.Probabilities, trace.Prediction.Probabilities, want)
				}
				if math.Abs(float64(p.Logits[k]-scaled[k])) > 1e-5 || said.Outputs.Logits[i][k] != p.Logits[k] {
					t.Errorf("%s: text %d: logits %v and %v, want %v", kind, i, p.Logits, said.Outputs.Logits[i], scaled)
				}
			}
		}
	}
}

// With the thresholds of a model and its temperature the labels are said that were said
// without, in predictions, traces and the metadata of exports.
func TestTemperatureKeepsLabels(t *testing.T) {
	m, dir := calibrated(t, 2.5, problem.MultiLabel, "a", "b", "c")
	examples, _ := encoded(m, 11)
	raw := logits(t, m, examples)
	m.Config.Thresholds = make([]float64, 3)
	for k := range m.Config.Thresholds { // midway between two texts, so that labels are said of some
		var p []float64
		for i := range examples {
			p = append(p, kernel.Sigmoid(float64(raw[3*i+k])))
		}
		slices.Sort(p)
		m.Config.Thresholds[k] = (p[3+k] + p[4+k]) / 2
	}
	said, err := m.Run(t.Context(), examples, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range said.Predictions {
		want := problem.MultiLabel.Decide(m.Config.Labels(), m.Config.Thresholds, raw[3*i:3*i+3]).Labels
		trace, err := m.TraceEncoded(examples[i])
		if err != nil || !slices.Equal(p.Labels, want) || !slices.Equal(trace.Prediction.Labels, want) {
			t.Errorf("text %d has %v, traced %v (%v), want %v", i, p.Labels, trace.Prediction.Labels, err, want)
		}
	}
	text, err := json.MarshalIndent(m.Config, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(model.ConfigFile(dir), text, 0o666); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "onnx")
	x, err := ExportFolder(dir, folder, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	c, err := model.ReadConfig(folder)
	if want := m.Config.SaidFrom(); err != nil || !slices.Equal(x.Thresholds, want) || !slices.Equal(c.Thresholds, want) || c.Temperature != 0 || want[0] == m.Config.Thresholds[0] {
		t.Errorf("thresholds are exported as %v, beside them %v at %v (%v), want %v", x.Thresholds, c.Thresholds, c.Temperature, err, want)
	}
}

// An exported graph divides by the temperature itself, and its metadata say so.
func TestExportDividesByTemperature(t *testing.T) {
	m, dir := calibrated(t, 2.5, problem.Classification, "a", "b", "c")
	file := filepath.Join(t.TempDir(), "model.onnx")
	x, err := Export(dir, file, 0)
	if err != nil {
		t.Fatal(err)
	}
	if metadata, err := x.metadata(m.Tokenizer); err != nil || x.Temperature != 2.5 || metadata["power_temperature"] != "2.5" {
		t.Errorf("exported with temperature %v, %q in the metadata, %v", x.Temperature, metadata["power_temperature"], err)
	}
	examples, _ := encoded(m, 7)
	said, err := m.Predict(examples)
	if err != nil {
		t.Fatal(err)
	}
	got := inONNXRuntime(t, file, onnxBatches(examples, 7, 0))[0]["logits"].Data
	for i, p := range said {
		for k, want := range p.Logits {
			if math.Abs(got[3*i+k]-float64(want)) > 1e-4 {
				t.Errorf("text %d: ONNX Runtime says %v, want %v", i, got[3*i:3*i+3], p.Logits)
			}
		}
	}
}

// A model without a temperature says nothing of one.
func TestExportWithoutTemperature(t *testing.T) {
	m, dir := tinyFor(t, problem.Classification, "a", "b", "c")
	x, err := Export(dir, filepath.Join(t.TempDir(), "model.onnx"), 0)
	if err != nil {
		t.Fatal(err)
	}
	metadata, err := x.metadata(m.Tokenizer)
	if _, there := metadata["power_temperature"]; err != nil || there {
		t.Errorf("metadata %v, %v, want no temperature", metadata["power_temperature"], err)
	}
}

package infer

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
)

// inInt8 are models of every family, dense and, where encoders are ranked, taking
// word-vectors out.
func inInt8() (all []small) {
	labels := []string{"a", "b", "c"}
	for _, modelType := range arch.Types() {
		if modelType != "tower" {
			all = append(all, small{name: "dense", modelType: modelType, kind: problem.Classification, labels: labels})
			all = append(all, small{name: "relative ranks", modelType: modelType, kind: problem.Classification, labels: labels, retention: &relative})
		}
	}
	for pooling, extra := range modernKeys() {
		all = append(all, small{name: "dense, " + pooling, modelType: arch.ModernBERT, labels: labels, extra: extra})
	}
	return all
}

// grids is the model of a directory on grids of its texts.
func grids(t *testing.T, dir string, texts []data.Encoded) *Grids {
	t.Helper()
	m, err := Open(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	g, err := m.Grids(t.Context(), dir, texts, 1)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// ONNX Runtime and OpenVINO multiply bytes in every product of an exported int8 model, in
// every family, and say what this package says of the same grids, in batches of any size
// and padding: nearly always to float32's accuracy, and where a number lies between two
// bytes, or two word-vectors are alike, by less than int8 itself moves. Most labels are
// float32's, of models that are sure of nothing.
func TestOracleOfInt8Export(t *testing.T) {
	oracle(t, "POWERBERT_RUNTIMES")
	type asked struct {
		File    string      `json:"file"`
		Batches []onnxBatch `json:"batches"`
	}
	all := inInt8()
	var question []asked
	var want, float [][]float32
	for _, s := range all {
		dir := s.save(t)
		m, err := Open(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		texts := s.texts(t, m)
		g := grids(t, dir, texts)
		a := asked{File: filepath.Join(t.TempDir(), "model.onnx")}
		if _, err := g.Export(a.File, 0, g.Products...); err != nil {
			t.Fatal(err)
		}
		for _, way := range ways {
			a.Batches = append(a.Batches, onnxBatches(texts, way.size, way.extra)...)
		}
		question, want, float = append(question, a), append(want, logits(t, g.With(g.Products...), texts)), append(float, logits(t, m, texts))
	}
	var said []struct {
		Logits map[string][][]float64 `json:"logits"`
		Bytes  map[string]int         `json:"bytes"`
	}
	askPython(t, "POWERBERT_RUNTIMES", "runtimes8.py", map[string]any{"models": question, "folder": t.TempDir()}, &said)
	for i, s := range all {
		n := said[i].Bytes["file"]
		if n < 4*3 || said[i].Bytes["ONNX Runtime"] != n || said[i].Bytes["OpenVINO"] != n {
			t.Errorf("%s: products of bytes are %v, want all of the file's", s, said[i].Bytes)
		}
		for by, rows := range said[i].Logits {
			s.nearInInt8(t, by, want[i], float[i], slices.Concat(rows...))
		}
		if len(said[i].Logits) != 2 {
			t.Errorf("%s: answers of %d runtimes", s, len(said[i].Logits))
		}
	}
}

// nearInInt8 compares a runtime's logits, in the ways of batching, with those here, and its
// labels with float32's.
func (s small) nearInInt8(t *testing.T, by string, want, float []float32, got []float64) {
	t.Helper()
	if len(got) != len(ways)*len(want) {
		t.Fatalf("%s by %s: %d logits, want %d", s, by, len(got), len(ways)*len(want))
	}
	var away, moved float64
	same, agree := 0, 0
	for k, v := range got {
		d := math.Abs(v - float64(want[k%len(want)]))
		away, moved = away+d, moved+math.Abs(float64(float[k%len(want)]-want[k%len(want)]))
		if d <= 1e-4 {
			same++
		}
	}
	classes := len(s.labels)
	for k := 0; k < len(got); k += classes {
		row := float[k%len(want):][:classes]
		if largest(got[k:k+classes]) == largest(wide(row)) {
			agree++
		}
	}
	texts := len(got) / classes
	t.Logf("%s by %s: %d of %d logits are the same, %.2g away in all; int8 moves them by %.2g, and %d of %d labels agree", s, by, same, len(got), away, moved, agree, texts)
	if moved == 0 || !(away < moved/10) || same < len(got)*9/10 {
		t.Errorf("%s by %s: %d of %d logits are the same, %g away in all, where int8 moves them by %g", s, by, same, len(got), away, moved)
	}
	if agree < texts*4/5 {
		t.Errorf("%s by %s: %d of %d labels are float32's", s, by, agree, texts)
	}
}

// largest is the number of the largest logit.
func largest(logits []float64) int { return slices.Index(logits, slices.Max(logits)) }

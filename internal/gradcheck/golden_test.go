package gradcheck

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestGoldenCasesAreComplete(t *testing.T) {
	shapes := map[string]map[string][]int{
		"weights":                     {"bert.embeddings.word_embeddings.weight": {50, 16}, "classifier.bias": {2}},
		"inputs":                      {"input_ids": {3, 8}, "soft_extract_r": {2, 8}},
		"dense":                       {"logits": {3, 2}, "layer.1.sig_rows_valid_nodiag": {3, 8}},
		"hard_extract":                {"layer.0.kept": {3, 4}, "layer.1.probs": {3, 2, 4, 4}},
		"hard_extract_ibm":            {"layer.1.kept": {3, 2}},
		"hard_extract_validrows":      {"layer.1.output": {3, 2, 16}},
		"hard_extract_relative":       {"layer.1.rows": {3}, "layer.0.kept": {3, 4}},
		"soft_extract":                {"reg": {1}, "grad_task.soft_extract.r": {2, 8}},
		"soft_extract_ibm":            {"layer.0.rank": {3, 8}},
		"soft_extract_validrows":      {"grad.soft_extract.r": {2, 8}},
		"soft_extract_clsfirst":       {"layer.1.ffn_input": {3, 8, 16}},
		"soft_extract_relative":       {"grad.soft_extract.r": {2, 8}},
		"hard_extract_value":          {"layer.0.kept": {3, 4}},
		"hard_extract_value_relative": {"layer.1.rows": {3}},
		"soft_extract_value_ibm":      {"layer.0.rank": {3, 8}},
		"soft_extract_value_relative": {"grad.soft_extract.r": {2, 8}},
		"values":                      {"attention.sig_rows_all_diag": {8}, "attention_padded.sig_rows_valid_nodiag": {15}},
		"adamw":                       {"loss_before_step.3": {1}, "step3.classifier.weight": {2, 16}},
		"ops":                         {"linear.dweight": {4, 5}, "attention_padded.dq": {15, 6}},
		"students":                    {"distilbert.grad.classifier.weight": {3, 6}, "pkd.grad.bert.encoder.layer.0.output.LayerNorm.weight": {6}},
	}
	for name, want := range shapes {
		c := Golden(t, name)
		for tensor, shape := range want {
			if got := c.Tensor(t, tensor).Shape; !slices.Equal(got, shape) {
				t.Errorf("%s of %s has shape %v, want %v", tensor, name, got, shape)
			}
		}
	}
}

// The reference was made by another script for other weights: the layout is the
// same, so every test of a model can run on both.
func TestGoldenAndReferenceAreLaidOutAlike(t *testing.T) {
	for _, name := range []string{"weights", "inputs", "dense", "hard_extract", "hard_extract_ibm", "hard_extract_validrows",
		"soft_extract", "soft_extract_ibm", "soft_extract_validrows", "soft_extract_clsfirst", "adamw"} {
		ours, theirs := Golden(t, name), Reference(t, name)
		if !slices.Equal(ours.Names(), theirs.Names()) {
			t.Errorf("%s: got tensors %v, want %v", name, ours.Names(), theirs.Names())
			continue
		}
		for _, n := range ours.Names() {
			if got, want := ours.Tensors[n].Shape, theirs.Tensors[n].Shape; !slices.Equal(got, want) {
				t.Errorf("%s of %s has shape %v, want %v", n, name, got, want)
			}
		}
	}
}

// The three conventions pick apart, or a test could not tell them apart.
func TestHardCasesKeepDifferentRows(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"hard_extract", "hard_extract_ibm", "hard_extract_validrows"} {
		var key strings.Builder
		for _, k := range Golden(t, name).Ints(t, "layer.0.kept") {
			key.WriteByte(byte('0' + k))
		}
		if other, ok := seen[key.String()]; ok {
			t.Errorf("%s and %s keep the same rows %s", name, other, key.String())
		}
		seen[key.String()] = name
	}
}

func TestRelativeHardCaseKeepsTheCeiling(t *testing.T) {
	c := Golden(t, "hard_extract_relative")
	for j, want := range [][]int{{4, 3, 2}, {2, 2, 1}} { // ⌈n·l/8⌉ of n = 8, 5, 3 and l = 4, 2
		if got := c.Ints(t, []string{"layer.0.rows", "layer.1.rows"}[j]); !slices.Equal(got, want) {
			t.Errorf("encoder %d keeps %v, want %v", j, got, want)
		}
	}
}

func TestSubStripsThePrefix(t *testing.T) {
	grads := Golden(t, "dense").Sub("grad")
	if !grads.Has("classifier.bias") || grads.Has("logits") || grads.Has("grad_global_norm") {
		t.Errorf("got %v", grads.Names())
	}
	if got, want := len(grads.Tensors), len(Golden(t, "weights").Tensors); got != want {
		t.Errorf("%d gradients, want %d", got, want)
	}
}

func TestParseReportsWhatIsWrong(t *testing.T) {
	tests := []struct{ name, header, data, want string }{
		{"type", `{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}`, "xx", `tensor "a": type is F16`},
		{"short", `{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}`, "12345678", "bytes 0 to 16 of 8"},
		{"shape", `{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`, "12345678", "for shape [3] of F32"},
		{"json", `{"a":`, "", "header: unexpected end"},
	}
	for _, tt := range tests {
		file := append(binary.LittleEndian.AppendUint64(nil, uint64(len(tt.header))), tt.header+tt.data...)
		if _, err := parse(file); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want %q in it", tt.name, err, tt.want)
		}
	}
	if _, err := parse([]byte{255, 0, 0, 0, 0, 0, 0, 0, '{'}); err == nil || !strings.Contains(err.Error(), "header of 255 bytes") {
		t.Errorf("long header: got error %v", err)
	}
}

func TestDifferNamesTheWorstElement(t *testing.T) {
	want := []float64{1, 2, 1000, 4, 5, 6}
	tests := []struct {
		name string
		got  []float64
		tol  float64
		says string // "" when they agree
	}{
		{"equal", []float64{1, 2, 1000, 4, 5, 6}, 0, ""},
		{"relative above one", []float64{1, 2, 1000.5, 4, 5, 6}, 1e-3, ""},
		{"one off", []float64{1, 2, 1000, 4, 5.5, 6}, 1e-3, "at [1 1]: got 5.5, want 5, 1.0e-01 apart, allowed 1e-03; 1 of 6"},
		{"worst of two", []float64{2, 2, 1000, 4, 5.5, 6}, 1e-3, "at [0 0]: got 2, want 1"},
		{"not a number", []float64{1, 2, 1000, math.NaN(), 9, 6}, 1e-3, "at [1 0]: got NaN, want 4"},
		{"only not a number", []float64{1, 2, 1000, math.NaN(), 5, 6}, 1e-3, "at [1 0]: got NaN, want 4"},
		{"length", []float64{1}, 1, "has 1 elements, want 6, shape [2 3]"},
	}
	for _, tt := range tests {
		err := Differ([]int{2, 3}, tt.got, want, tt.tol)
		if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.says)
		}
	}
}

func TestToleranceFollowsTheType(t *testing.T) {
	if Tolerance[float32]() != Tolerance32 || Tolerance[float64]() != Tolerance64 {
		t.Errorf("got %g and %g", Tolerance[float32](), Tolerance[float64]())
	}
}

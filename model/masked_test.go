package model

import (
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/retention"
)

// Masked-language modelling against PyTorch: the decoder is tied to the word
// embeddings, whose gradient comes from both ends.
func TestGoldenMaskedLM(t *testing.T) {
	for _, padded := range []bool{true, false} {
		testGoldenMaskedLM[float64](t, padded)
		testGoldenMaskedLM[float32](t, padded)
	}
}

func testGoldenMaskedLM[T kernel.Float](t *testing.T, padded bool) {
	t.Helper()
	want, tol := gradcheck.Golden(t, "masked_lm"), gradcheck.Tolerance[T]()
	net, p := maskedNet[T](t, want, padded)
	gradients := gradientsOf(t, net)
	for range 2 {
		if err := gradients.Run(1, false, nil); err != nil {
			t.Fatal(err)
		}
	}
	gradcheck.Match(t, want, "logits", Values[T](net.Logits), tol)
	gradcheck.Match(t, want, "task_loss", []T{T(net.TaskLoss())}, tol)
	for _, tensor := range p.Tensors() {
		gradcheck.Match(t, want, "grad."+tensor.Name, gradients.Theta[tensor.Offset:tensor.Offset+tensor.Size], tol)
	}
}

// maskedNet is the network of the golden case over its weights, its batch filled.
func maskedNet[T kernel.Float](t *testing.T, want gradcheck.Case, padded bool) (*Net[T], *Params[T]) {
	t.Helper()
	c := goldenConfig()
	c.SetMaskedLM()
	p := NewParams[T](c)
	weights := gradcheck.Golden(t, "weights")
	for _, tensor := range p.Tensors() {
		from, name := weights, tensor.Name
		if tensor.Head {
			from, name = want, "weight."+name
		}
		copy(p.Slice(tensor.Name), gradcheck.Cast[T](t, from, name))
	}
	net, err := NewNet(c, p, nil, Use{Train: true})
	if err != nil {
		t.Fatal(err)
	}
	b := net.Batch
	fillGolden(t, gradcheck.Golden(t, "inputs"), b, padded)
	sequences, positions := want.Ints(t, "sequence"), want.Ints(t, "position")
	for i, s := range sequences {
		b.Masked = append(b.Masked, int32(b.Offsets[s]+positions[i]))
	}
	b.Labels, b.Weight = want.Ints(t, "labels"), 1.0/float64(len(sequences))
	return net, p
}

// A masked-language model comes back from its directory, and a classifier made
// of it has its encoders and a head of its own.
func TestMaskedLMDirectory(t *testing.T) {
	c := goldenConfig()
	c.SetMaskedLM()
	p := NewParams[float32](c)
	p.Init(3)
	dir := t.TempDir()
	if err := Save(dir, c, p); err != nil {
		t.Fatal(err)
	}
	again, err := Load[float32](dir, LoadOptions{MaskedLM: true})
	if err != nil {
		t.Fatal(err)
	}
	if !again.Config.MaskedLM() || len(again.Initialised)+len(again.Ignored) > 0 {
		t.Errorf("came back as %v, new %v, ignored %v", again.Config.Architectures, again.Initialised, again.Ignored)
	}
	if !slices.Equal(again.Params.Arena(), p.Arena()) {
		t.Error("the weights are others")
	}
	classifier, err := Load[float32](dir, LoadOptions{Labels: []string{"a", "b", "c"}})
	if err != nil {
		t.Fatal(err)
	}
	if classifier.Config.MaskedLM() || len(classifier.Initialised) != 4 || len(classifier.Ignored) != 5 {
		t.Errorf("classifier is a %v, new %v, ignored %v", classifier.Config.Architectures, classifier.Initialised, classifier.Ignored)
	}
	name := "bert.encoder.layer.1.output.dense.weight"
	if !slices.Equal(classifier.Params.Slice(name), p.Slice(name)) {
		t.Errorf("%s is another", name)
	}
	if _, err := LoadTrained[float32](dir); err == nil || !strings.Contains(err.Error(), "want a trained classifier") {
		t.Errorf("used as a classifier: %v", err)
	}
}

func TestMaskedLMRefusesElimination(t *testing.T) {
	c := goldenConfig()
	c.SetMaskedLM()
	p := NewParams[float32](c)
	if _, err := NewNet(c, p, nil, Use{Elimination: retention.Elimination{Keep: []int{4, 2}, Length: 8}}); err == nil {
		t.Error("built with hard extraction")
	}
}

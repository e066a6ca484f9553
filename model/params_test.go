package model

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/safetensors"
	"github.com/powerbert/powerbert/model/arch"
)

// small is a BERT whose sizes are odd and all different.
func small() arch.Config {
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads = 13, 6, 2, 3
	c.IntermediateSize, c.MaxPositionEmbeddings, c.TypeVocabSize = 10, 9, 4
	c.SetLabels([]string{"a", "b", "c", "d", "e"})
	return c
}

// smallTensors is the tensors of small in their order.
var smallTensors = func() []string {
	all := []string{
		"bert.embeddings.word_embeddings.weight (13, 6)", "bert.embeddings.position_embeddings.weight (9, 6)",
		"bert.embeddings.token_type_embeddings.weight (4, 6)", "bert.embeddings.LayerNorm.weight (6)", "bert.embeddings.LayerNorm.bias (6)",
	}
	for j := range 2 {
		for _, t := range []string{
			"attention.self.query.weight (6, 6)", "attention.self.key.weight (6, 6)", "attention.self.value.weight (6, 6)",
			"attention.self.query.bias (6)", "attention.self.key.bias (6)", "attention.self.value.bias (6)",
			"attention.output.dense.weight (6, 6)", "attention.output.dense.bias (6)",
			"attention.output.LayerNorm.weight (6)", "attention.output.LayerNorm.bias (6)",
			"intermediate.dense.weight (10, 6)", "intermediate.dense.bias (10)",
			"output.dense.weight (6, 10)", "output.dense.bias (6)",
			"output.LayerNorm.weight (6)", "output.LayerNorm.bias (6)",
		} {
			all = append(all, fmt.Sprintf("bert.encoder.layer.%d.%s", j, t))
		}
	}
	return append(all, "bert.pooler.dense.weight (6, 6)", "bert.pooler.dense.bias (6)", "classifier.weight (5, 6)", "classifier.bias (5)")
}()

func TestParamsLayout(t *testing.T) {
	p := NewParams[float32](small())
	var got []string
	end := 0
	for _, x := range p.Tensors() {
		got = append(got, x.Name+" "+safetensors.FormatShape(x.Shape))
		if x.Offset != end || x.Size < 1 {
			t.Errorf("%s lies at %d, want %d", x.Name, x.Offset, end)
		}
		end += x.Size
	}
	if !slices.Equal(got, smallTensors) {
		t.Errorf("tensors are %q\nwant %q", got, smallTensors)
	}
	if len(p.Arena()) != end {
		t.Errorf("the arena has %d elements, want %d", len(p.Arena()), end)
	}
}

func TestSpan(t *testing.T) {
	p := NewParams[float64](small())
	for i := range p.Arena() {
		p.Arena()[i] = float64(i)
	}
	const self = "bert.encoder.layer.1.attention.self."
	query, _ := p.Lookup(self + "query.weight")
	qkv := p.Span(self+"query.weight", self+"value.weight")
	if len(qkv) != 3*36 || cap(qkv) != len(qkv) || qkv[0] != float64(query.Offset) {
		t.Errorf("the span of query, key and value has %d elements from %v", len(qkv), qkv[0])
	}
	if key := p.Slice(self + "key.weight"); &key[0] != &qkv[36] {
		t.Error("Slice and Span are different memory")
	}
	if b := p.Span(self+"query.bias", self+"value.bias"); len(b) != 18 {
		t.Errorf("the span of the biases has %d elements, want 18", len(b))
	}
	for _, s := range [][]float64{p.Slice("none"), p.Span("none", "classifier.bias"), p.Span("classifier.bias", "none"), p.Span("classifier.bias", "classifier.weight")} {
		if s != nil {
			t.Errorf("a span that does not exist has %d elements", len(s))
		}
	}
	if _, ok := p.Lookup("none"); ok {
		t.Error("Lookup finds what does not exist")
	}
}

func TestInitValues(t *testing.T) {
	c := small()
	c.HiddenSize, c.VocabSize, c.InitializerRange = 48, 1009, 0.3
	p := NewParams[float32](c)
	for i := range p.Arena() {
		p.Arena()[i] = float32(math.NaN())
	}
	p.Init(1)
	all := func(name string, want float32) {
		for i, x := range p.Slice(name) {
			if x != want {
				t.Fatalf("%s[%d] is %v, want %v", name, i, x, want)
			}
		}
	}
	all("bert.embeddings.LayerNorm.weight", 1)
	all("bert.encoder.layer.1.output.LayerNorm.weight", 1)
	all("bert.encoder.layer.1.output.LayerNorm.bias", 0)
	all("bert.encoder.layer.0.attention.self.key.bias", 0)
	all("classifier.bias", 0)
	words := p.Slice("bert.embeddings.word_embeddings.weight")
	mean, deviation := moments(words)
	if n := math.Sqrt(float64(len(words))); math.Abs(mean) > 4*0.3/n || math.Abs(deviation-0.3) > 4*0.3/n {
		t.Errorf("%d word embeddings have mean %v and deviation %v, want 0 and 0.3", len(words), mean, deviation)
	}
}

func moments[T kernel.Float](x []T) (mean, deviation float64) {
	for _, v := range x {
		mean += float64(v) / float64(len(x))
	}
	for _, v := range x {
		deviation += (float64(v) - mean) * (float64(v) - mean) / float64(len(x))
	}
	return mean, math.Sqrt(deviation)
}

// A tensor's values follow from seed and name: not from the other tensors, nor
// from the precision.
func TestInitDependsOnSeedAndNameAlone(t *testing.T) {
	deep := small()
	deep.NumHiddenLayers = 5
	a, b, wide := NewParams[float32](small()), NewParams[float32](deep), NewParams[float64](small())
	a.Init(7)
	b.Init(7)
	wide.Init(7)
	seen := make(map[float32]string)
	for _, x := range a.Tensors() {
		if !slices.Equal(a.Slice(x.Name), b.Slice(x.Name)) {
			t.Errorf("%s differs in a deeper model", x.Name)
		}
		for i, v := range wide.Slice(x.Name) {
			if float32(v) != a.Slice(x.Name)[i] {
				t.Fatalf("%s differs in float64", x.Name)
			}
		}
		if first := a.Slice(x.Name)[0]; first != 0 && first != 1 {
			if seen[first] != "" {
				t.Errorf("%s begins as %s", x.Name, seen[first])
			}
			seen[first] = x.Name
		}
	}
	b.Init(8)
	if slices.Equal(a.Slice("classifier.weight"), b.Slice("classifier.weight")) {
		t.Error("another seed gives the same weights")
	}
}

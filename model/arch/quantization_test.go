package arch

import (
	"slices"
	"strings"
	"testing"
)

// Query, key and value are one product; the layer of the outputs is none to be quantised.
func TestQuantizable(t *testing.T) {
	bert, albert := DefaultBERT(), DefaultALBERT()
	bert.NumHiddenLayers = 2
	for _, c := range []struct {
		config *Config
		want   []int // layers of each product
	}{{&bert, []int{3, 1, 1, 1, 3, 1, 1, 1, 1}}, {&albert, []int{1, 3, 1, 1, 1, 1}}} {
		var got []int
		for _, product := range c.config.Net().Quantizable() {
			got = append(got, len(product))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: products of %v layers, want %v", c.config.ModelType, got, c.want)
		}
	}
}

// A weight gives way to integers and scales, in its place.
func TestStored(t *testing.T) {
	c := DefaultBERT()
	c.NumHiddenLayers = 1
	n := c.Net()
	q := &Quantization{Float: []string{"bert.pooler.dense", "bert.encoder.layer.0.intermediate.dense"}}
	var got []string
	for _, x := range n.Stored(q) {
		if x.Role == Int8Weight || x.Role == Int8Scale || x.Role == LinearWeight {
			got = append(got, strings.TrimPrefix(x.Name, "bert.encoder.layer.0."))
		}
		if x.Role == Int8Scale && len(x.Shape) != 1 || x.Role == Int8Weight && len(x.Shape) != 2 {
			t.Errorf("%s has the shape %v", x.Name, x.Shape)
		}
	}
	if want := strings.Fields(`attention.self.query.weight.int8 attention.self.query.weight.scale attention.self.key.weight.int8 attention.self.key.weight.scale
		attention.self.value.weight.int8 attention.self.value.weight.scale attention.output.dense.weight.int8 attention.output.dense.weight.scale
		intermediate.dense.weight output.dense.weight.int8 output.dense.weight.scale bert.pooler.dense.weight classifier.weight`); !slices.Equal(got, want) {
		t.Errorf("the file has %q, want %q", got, want)
	}
	if len(n.Tensors())+4+1 != len(n.Stored(q)) { // query, key, value, output of attention; output
		t.Errorf("%d tensors of %d", len(n.Stored(q)), len(n.Tensors()))
	}
	q.Scheme = SchemeSmooth
	all := n.Stored(q)
	at := slices.IndexFunc(all, func(x Tensor) bool { return x.Role == Int8Factor })
	if f := all[at]; f.Name != "bert.encoder.layer.0.attention.self.query.weight.factor" || !slices.Equal(f.Shape, []int{768}) || all[at+1].Role != Int8Weight || len(all) != len(n.Tensors())+4+1+3 {
		t.Errorf("with factors it has %d tensors, %v among them", len(all), f) // of query, key and value, attention's output, output
	}
	q.Scheme, q.Words = SchemeInt8, true
	all = n.Stored(q)
	if a, b := all[0], all[1]; a.Name != "bert.embeddings.word_embeddings.weight.int8" || !slices.Equal(a.Shape, []int{30522, 768}) ||
		b.Name != "bert.embeddings.word_embeddings.weight.scale" || !slices.Equal(b.Shape, []int{30522}) || all[2].Name != "bert.embeddings.position_embeddings.weight" {
		t.Errorf("with words the file begins with %v, %v, %v", a, b, all[2])
	}
}

// A copy of a configuration has a list of its own.
func TestCloneOfQuantization(t *testing.T) {
	c := DefaultBERT()
	c.Quantization = &Quantization{Scheme: SchemeInt8, Float: []string{"bert.pooler.dense"}}
	d := c.Clone()
	d.Quantization.Float[0], d.Quantization.Source = "other", "x"
	if c.Quantization.Float[0] != "bert.pooler.dense" || c.Quantization.Source != "" {
		t.Error("the original changed with its copy")
	}
}

package model

import (
	"slices"
	"testing"
)

// A stack of three on one of nine computes what the three do, three times over.
func TestStack(t *testing.T) {
	c := goldenConfig()
	c.NumHiddenLayers = 3
	shallow := NewParams[float32](c)
	shallow.Init(5)
	c.NumHiddenLayers = 9
	deep := Stack(shallow, c)
	for name, from := range map[string]string{
		"bert.encoder.layer.0.attention.self.key.weight": "bert.encoder.layer.0.attention.self.key.weight",
		"bert.encoder.layer.5.attention.self.key.weight": "bert.encoder.layer.2.attention.self.key.weight",
		"bert.encoder.layer.8.output.LayerNorm.weight":   "bert.encoder.layer.2.output.LayerNorm.weight",
		"bert.embeddings.word_embeddings.weight":         "bert.embeddings.word_embeddings.weight",
		"classifier.bias":                                "classifier.bias",
	} {
		if got := StackedFrom(name, 3); got != from {
			t.Errorf("%s comes from %s, want %s", name, got, from)
		}
		if !slices.Equal(deep.Slice(name), shallow.Slice(from)) {
			t.Errorf("%s is not %s", name, from)
		}
	}
	if n := deep.encoders(); n != 9 {
		t.Errorf("%d encoders, want 9", n)
	}
}

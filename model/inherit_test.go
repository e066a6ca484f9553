package model

import (
	"slices"
	"testing"
)

// Nine encoders begin as three, three times over, and all else as it is.
func TestInherit(t *testing.T) {
	c := goldenConfig()
	c.NumHiddenLayers = 3
	shallow := NewParams[float32](c)
	shallow.Init(5)
	c.NumHiddenLayers = 9
	deep, stacked := NewParams[float32](c), func(j int) int { return j % 3 }
	Inherit(deep, shallow, stacked)
	for name, from := range map[string]string{
		"bert.encoder.layer.0.attention.self.key.weight": "bert.encoder.layer.0.attention.self.key.weight",
		"bert.encoder.layer.5.attention.self.key.weight": "bert.encoder.layer.2.attention.self.key.weight",
		"bert.encoder.layer.8.output.LayerNorm.weight":   "bert.encoder.layer.2.output.LayerNorm.weight",
		"bert.embeddings.word_embeddings.weight":         "bert.embeddings.word_embeddings.weight",
		"classifier.bias":                                "classifier.bias",
	} {
		if !slices.Equal(deep.Slice(name), shallow.Slice(from)) {
			t.Errorf("%s is not %s", name, from)
		}
	}
	_, ninth := deep.Lookup("bert.encoder.layer.8.output.dense.bias")
	if _, tenth := deep.Lookup("bert.encoder.layer.9.output.dense.bias"); !ninth || tenth {
		t.Error("want 9 encoders")
	}
}

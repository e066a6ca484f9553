package arch

import "testing"

// Encoders 1 to 5 of a growing model begin as encoders 1, 2, 1, 2, 1; an ALBERT's one as
// it is, and all else too.
func TestInherits(t *testing.T) {
	for _, c := range []Config{odd(DefaultBERT()), odd(DefaultALBERT())} {
		c.NumHiddenLayers = 2
		shallow := c.Net()
		c.NumHiddenLayers = 5
		begins := c.Net().Inherits(shallow, func(j int) int { return j % 2 })
		if n := len(c.Net().Tensors()); len(begins) != n {
			t.Errorf("%s: %d tensors begin as others, want %d", c.ModelType, len(begins), n)
		}
		for name, want := range map[string]string{
			"bert.encoder.layer.4.attention.self.key.weight":                "bert.encoder.layer.0.attention.self.key.weight",
			"bert.encoder.layer.3.output.LayerNorm.bias":                    "bert.encoder.layer.1.output.LayerNorm.bias",
			"bert.encoder.layer.1.output.dense.weight":                      "bert.encoder.layer.1.output.dense.weight",
			"bert.embeddings.LayerNorm.weight":                              "bert.embeddings.LayerNorm.weight",
			"albert.encoder.albert_layer_groups.0.albert_layers.0.ffn.bias": "albert.encoder.albert_layer_groups.0.albert_layers.0.ffn.bias",
			"classifier.weight":                                             "classifier.weight",
		} {
			if got, ok := begins[name]; ok && got != want {
				t.Errorf("%s begins as %s, want %s", name, got, want)
			}
		}
		for _, x := range c.Net().Tensors() {
			if begins[x.Name] == "" {
				t.Errorf("%s begins as nothing", x.Name)
			}
		}
	}
}

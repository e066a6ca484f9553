package optim

import "testing"

func TestSplitDecay(t *testing.T) {
	for name, want := range map[string]bool{
		"bert.embeddings.word_embeddings.weight":                 true,
		"bert.embeddings.LayerNorm.weight":                       false,
		"bert.embeddings.LayerNorm.bias":                         false,
		"bert.encoder.layer.11.attention.self.query.weight":      true,
		"bert.encoder.layer.11.attention.self.query.bias":        false,
		"bert.encoder.layer.3.attention.output.LayerNorm.weight": false,
		"bert.encoder.layer.3.output.dense.weight":               true,
		"classifier.weight":                                      true,
		"classifier.bias":                                        false,
	} {
		decayed, spared := SplitDecay([]*Param[float32]{{Name: name}})
		if (len(decayed) == 1) != want || len(decayed)+len(spared) != 1 {
			t.Errorf("%s decays: %v, want %v", name, len(decayed) == 1, want)
		}
	}
}

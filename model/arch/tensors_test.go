package arch

import (
	"slices"
	"testing"
)

// odd is a configuration of a family whose sizes are odd and all different.
func odd(c Config) Config {
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads = 13, 15, 3, 5
	c.IntermediateSize, c.MaxPositionEmbeddings, c.TypeVocabSize = 22, 9, 4
	if c.EmbeddingSize > 0 {
		c.EmbeddingSize = 7
	}
	c.SetLabels([]string{"a", "b", "c", "d", "e", "f"})
	return c
}

func masked(t *testing.T, c Config) Config {
	t.Helper()
	if err := c.SetMaskedLM(); err != nil {
		t.Fatal(err)
	}
	return c
}

// The roles of tensors, and with them what decays, by the names that transformers
// gives them.
func TestTensorRoles(t *testing.T) {
	albert := "albert.encoder.albert_layer_groups.0.albert_layers.0."
	for _, c := range []struct {
		config Config
		want   []Tensor
	}{
		{odd(DefaultBERT()), []Tensor{
			{Name: "bert.embeddings.word_embeddings.weight", Shape: []int{13, 15}, Role: EmbeddingTable},
			{Name: "bert.embeddings.position_embeddings.weight", Shape: []int{9, 15}, Role: EmbeddingTable},
			{Name: "bert.embeddings.token_type_embeddings.weight", Shape: []int{4, 15}, Role: EmbeddingTable},
			{Name: "bert.embeddings.LayerNorm.weight", Shape: []int{15}, Role: NormWeight},
			{Name: "bert.embeddings.LayerNorm.bias", Shape: []int{15}, Role: NormBias},
			{Name: "bert.encoder.layer.0.attention.self.query.weight", Shape: []int{15, 15}, Role: LinearWeight, Layer: 1},
			{Name: "bert.encoder.layer.2.attention.self.value.bias", Shape: []int{15}, Role: LinearBias, Layer: 3},
			{Name: "bert.encoder.layer.1.attention.output.LayerNorm.weight", Shape: []int{15}, Role: NormWeight, Layer: 2},
			{Name: "bert.encoder.layer.1.intermediate.dense.weight", Shape: []int{22, 15}, Role: LinearWeight, Layer: 2},
			{Name: "bert.encoder.layer.2.output.dense.weight", Shape: []int{15, 22}, Role: LinearWeight, Layer: 3},
			{Name: "bert.encoder.layer.2.output.LayerNorm.bias", Shape: []int{15}, Role: NormBias, Layer: 3},
			{Name: "bert.pooler.dense.weight", Shape: []int{15, 15}, Role: LinearWeight, Head: true},
			{Name: "bert.pooler.dense.bias", Shape: []int{15}, Role: LinearBias, Head: true},
			{Name: "classifier.weight", Shape: []int{6, 15}, Role: LinearWeight, Head: true, Outputs: true},
			{Name: "classifier.bias", Shape: []int{6}, Role: LinearBias, Head: true, Outputs: true},
		}},
		{masked(t, odd(DefaultBERT())), []Tensor{
			{Name: "cls.predictions.transform.dense.weight", Shape: []int{15, 15}, Role: LinearWeight, Head: true},
			{Name: "cls.predictions.transform.LayerNorm.weight", Shape: []int{15}, Role: NormWeight, Head: true},
			{Name: "cls.predictions.transform.LayerNorm.bias", Shape: []int{15}, Role: NormBias, Head: true},
			{Name: "cls.predictions.bias", Shape: []int{13}, Role: LinearBias, Head: true},
		}},
		{odd(DefaultALBERT()), []Tensor{
			{Name: "albert.embeddings.word_embeddings.weight", Shape: []int{13, 7}, Role: EmbeddingTable},
			{Name: "albert.embeddings.LayerNorm.bias", Shape: []int{7}, Role: NormBias},
			{Name: "albert.encoder.embedding_hidden_mapping_in.weight", Shape: []int{15, 7}, Role: LinearWeight},
			{Name: "albert.encoder.embedding_hidden_mapping_in.bias", Shape: []int{15}, Role: LinearBias},
			{Name: albert + "attention.LayerNorm.weight", Shape: []int{15}, Role: NormWeight},
			{Name: albert + "ffn.weight", Shape: []int{22, 15}, Role: LinearWeight},
			{Name: albert + "full_layer_layer_norm.weight", Shape: []int{15}, Role: NormWeight},
			{Name: albert + "full_layer_layer_norm.bias", Shape: []int{15}, Role: NormBias},
			{Name: "albert.pooler.weight", Shape: []int{15, 15}, Role: LinearWeight, Head: true},
		}},
	} {
		all := c.config.Net().Tensors()
		for _, want := range c.want {
			i := slices.IndexFunc(all, func(x Tensor) bool { return x.Name == want.Name })
			if i < 0 {
				t.Errorf("there is no %s", want.Name)
				continue
			}
			got := all[i]
			if !slices.Equal(got.Shape, want.Shape) || got.Role != want.Role || got.Layer != want.Layer || got.Head != want.Head || got.Outputs != want.Outputs {
				t.Errorf("%+v, want %+v", got, want)
			}
			if decays := want.Role == EmbeddingTable || want.Role == LinearWeight; got.Decays() != decays {
				t.Errorf("%s decays: %v, want %v", got.Name, got.Decays(), decays)
			}
		}
	}
}

// Of an encoder the weights of query, key and value come first, then their biases.
func TestAttentionIsOneProduct(t *testing.T) {
	c := odd(DefaultBERT())
	want := []string{"query.weight", "key.weight", "value.weight", "query.bias", "key.bias", "value.bias"}
	for i, x := range c.Net().Tensors()[5+16:][:6] {
		if name := "bert.encoder.layer.1.attention.self." + want[i]; x.Name != name {
			t.Errorf("tensor %d of encoder 2 is %s, want %s", i, x.Name, name)
		}
	}
}

func TestElements(t *testing.T) {
	for want, shape := range map[int][]int{1: nil, 7: {7}, 30: {2, 3, 5}} {
		if got := (&Tensor{Shape: shape}).Elements(); got != want {
			t.Errorf("%v has %d elements, want %d", shape, got, want)
		}
	}
}

// An encoder that all share has its tensors once.
func TestSharedEncodersAreListedOnce(t *testing.T) {
	for _, c := range []struct {
		config         Config
		blocks, listed int
	}{{odd(DefaultBERT()), 3, 5 + 3*16 + 4}, {odd(DefaultALBERT()), 1, 5 + 2 + 16 + 4}} {
		n := c.config.Net()
		if len(n.Blocks) != 3 || len(n.Weighted()) != c.blocks || len(n.Tensors()) != c.listed {
			t.Errorf("%s: %d encoders, %d with weights of their own, %d tensors; want 3, %d, %d",
				c.config.ModelType, len(n.Blocks), len(n.Weighted()), len(n.Tensors()), c.blocks, c.listed)
		}
	}
}

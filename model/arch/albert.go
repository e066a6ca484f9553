package arch

import (
	"errors"
	"fmt"
)

// ALBERT is the model_type of Lan et al. 2019, arXiv 1909.11942.
const ALBERT = "albert"

// DefaultALBERT is what transformers' AlbertConfig has where config.json says
// nothing: ALBERT-xxlarge with two labels.
func DefaultALBERT() Config {
	rate := 0.1
	return Config{
		ModelType: ALBERT, VocabSize: 30000, EmbeddingSize: 128, HiddenSize: 4096, NumHiddenLayers: 12,
		NumHiddenGroups: 1, InnerGroupNum: 1, NumAttentionHeads: 64, IntermediateSize: 16384, HiddenAct: "gelu_new",
		ClassifierDropoutProb: &rate, MaxPositionEmbeddings: 512, TypeVocabSize: 2, LayerNormEps: 1e-12, InitializerRange: 0.02,
	}
}

// albertNet is one encoder over and over, behind an embedding that is mapped to it.
func albertNet(c *Config) (*Net, error) {
	var errs []error
	for _, group := range []struct {
		key string
		got int
	}{{"num_hidden_groups", c.NumHiddenGroups}, {"inner_group_num", c.InnerGroupNum}} {
		if group.got != 1 {
			errs = append(errs, fmt.Errorf("%s is %d, want 1: encoders that share their weights in groups are not supported", group.key, group.got))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	n := &Net{Embedding: c.embedding("albert.embeddings.", c.EmbeddingSize), Head: c.classifier("albert.pooler")}
	n.Embedding.Mapping = &Linear{Name: "albert.encoder.embedding_hidden_mapping_in", In: c.EmbeddingSize, Out: c.HiddenSize}
	for range c.NumHiddenLayers {
		n.Blocks = append(n.Blocks, c.block(0, blockNames{
			query: "attention.query", key: "attention.key", value: "attention.value",
			attention: "attention.dense", attentionNorm: "attention.LayerNorm",
			in: "ffn", out: "ffn_output", outNorm: "full_layer_layer_norm",
		}.under("albert.encoder.albert_layer_groups.0.albert_layers.0.")))
	}
	return n, nil
}

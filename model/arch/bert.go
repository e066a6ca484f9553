package arch

import "strconv"

// BERT is the model_type of Devlin et al. 2019, arXiv 1810.04805.
const BERT = "bert"

// DefaultConfig is what transformers' BertConfig has where config.json says
// nothing: BERT-base, uncased, with two labels.
func DefaultConfig() Config {
	return Config{
		ModelType: BERT, VocabSize: 30522, HiddenSize: 768, NumHiddenLayers: 12, NumAttentionHeads: 12,
		IntermediateSize: 3072, HiddenAct: "gelu", HiddenDropoutProb: 0.1, AttentionProbsDropoutProb: 0.1,
		MaxPositionEmbeddings: 512, TypeVocabSize: 2, LayerNormEps: 1e-12, InitializerRange: 0.02,
	}
}

func bertNet(c *Config) (*Net, error) {
	n := &Net{Embedding: c.embedding("bert.embeddings.", c.HiddenSize), Head: c.classifier("bert.pooler.dense")}
	for j := range c.NumHiddenLayers {
		n.Blocks = append(n.Blocks, c.block(j+1, blockNames{
			query: "attention.self.query", key: "attention.self.key", value: "attention.self.value",
			attention: "attention.output.dense", attentionNorm: "attention.output.LayerNorm",
			in: "intermediate.dense", out: "output.dense", outNorm: "output.LayerNorm",
		}.under("bert.encoder.layer."+strconv.Itoa(j)+".")))
	}
	if c.MaskedLM() {
		n.Head = c.guesser("cls.predictions", c.HiddenSize)
	}
	return n, nil
}

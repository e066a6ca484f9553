package arch

// BERT is the model_type of Devlin et al. 2019, arXiv 1810.04805.
const BERT = "bert"

// DefaultBERT is what transformers' BertConfig has where config.json says
// nothing: BERT-base, uncased, with two labels.
func DefaultBERT() Config {
	return Config{
		ModelType: BERT, VocabSize: 30522, HiddenSize: 768, NumHiddenLayers: 12, NumAttentionHeads: 12,
		IntermediateSize: 3072, HiddenAct: "gelu", HiddenDropoutProb: 0.1, AttentionProbsDropoutProb: 0.1,
		MaxPositionEmbeddings: 512, TypeVocabSize: 2, LayerNormEps: 1e-12, InitializerRange: 0.02,
	}
}

func bertNet(c *Config) (*Net, error) {
	n := &Net{Embedding: c.embedding("bert.embeddings.", c.HiddenSize), Head: c.classifier("bert.pooler.dense")}
	n.Blocks = c.layered("bert.encoder.layer.")
	if c.MaskedLM() {
		n.Head = c.guesser("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions", c.HiddenSize, activations[c.HiddenAct])
	}
	return n, nil
}

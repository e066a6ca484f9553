package arch

// The model_types of Liu et al. 2019, arXiv 1907.11692, and of the same network over other
// languages: Martin et al. 2020, arXiv 1911.03894, and Conneau et al. 2020, arXiv 1911.02116.
const (
	RoBERTa    = "roberta"
	CamemBERT  = "camembert"
	XLMRoBERTa = "xlm-roberta"
)

// robertaDefaults is what transformers has where the config.json of such a model says
// nothing: BERT's but for the vocabulary and the id of padding.
func robertaDefaults(modelType string, vocabulary int) func() Config {
	return func() Config {
		c, pad := DefaultBERT(), 1
		c.ModelType, c.VocabSize, c.PadTokenID = modelType, vocabulary, &pad
		return c
	}
}

// robertaNet is BERT's encoder, with positions that begin behind that of padding, under a
// head of its own.
func robertaNet(c *Config) (*Net, error) {
	n := &Net{Embedding: c.embedding("roberta.embeddings.", c.HiddenSize), Blocks: c.layered("roberta.encoder.layer.")}
	n.Head = c.robertaHead("roberta.pooler.dense", c.HeadDropout())
	return n, nil
}

// robertaHead is the head of a RoBERTa or MPNet, whose classifier has a dropout rate of
// its own. It has a pooler where it chooses among options.
func (c *Config) robertaHead(pooler string, dropout float64) Head {
	switch {
	case c.MaskedLM():
		return c.guesser("lm_head.dense", "lm_head.layer_norm", "lm_head", c.HiddenSize, GELU)
	case c.Problem().Chosen():
		h := c.classifier(pooler)
		h.Dropout = c.HiddenDropoutProb
		return h
	}
	return c.projector(Tanh, dropout)
}

package arch

import (
	"encoding/json"
	"errors"
)

// ELECTRA is the model_type of Clark et al. 2020, arXiv 2003.10555.
const ELECTRA = "electra"

// defaultELECTRA is what transformers' ElectraConfig has where config.json says nothing:
// ELECTRA-small.
func defaultELECTRA() Config {
	c := DefaultBERT()
	c.ModelType, c.EmbeddingSize, c.HiddenSize, c.NumAttentionHeads, c.IntermediateSize = ELECTRA, 128, 256, 4, 1024
	return c
}

// electraNet is BERT's encoder behind an embedding that is mapped to it where its width is
// another.
func electraNet(c *Config) (*Net, error) {
	e, h := c.EmbeddingSize, c.HiddenSize
	n := &Net{Embedding: c.embedding("electra.embeddings.", e), Blocks: c.layered("electra.encoder.layer.")}
	if e != h {
		n.Embedding.Mapping = &Linear{Name: "electra.embeddings_project", In: e, Out: h}
	}
	switch {
	case c.MaskedLM():
		n.Head = c.guesser("generator_predictions.dense", "generator_predictions.LayerNorm", "generator_lm_head", e, GELU)
	case c.Problem().Chosen():
		n.Head = Head{Dense: linear("sequence_summary.summary", h, h), Activation: GELU, Dropout: c.summaryDropout(), Output: linear("classifier", h, c.Outputs())}
		return n, errors.Join(c.unlessSays("summary_type", `"first"`), c.unlessSays("summary_use_proj", "true"),
			c.unlessSays("summary_proj_to_labels", "false"), c.unlessSays("summary_activation", `"gelu"`))
	default:
		n.Head = c.projector(GELU, c.HeadDropout())
	}
	return n, nil
}

// summaryDropout is the dropout rate of the vector that chooses: summary_last_dropout.
func (c *Config) summaryDropout() float64 {
	rate := 0.1
	if err := json.Unmarshal(c.Extra["summary_last_dropout"], &rate); err != nil || !(rate >= 0 && rate < 1) {
		return 0.1
	}
	return rate
}

package arch

import "strconv"

// DistilBERT is the model_type of Sanh et al. 2019, arXiv 1910.01108.
const DistilBERT = "distilbert"

// distilbertKeys are its words in config.json for those of Config. It has no token types,
// and its LayerNorms one eps.
var distilbertKeys = map[string]string{
	"hidden_size": "dim", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads", "intermediate_size": "hidden_dim",
	"hidden_act": "activation", "hidden_dropout_prob": "dropout", "attention_probs_dropout_prob": "attention_dropout",
	"classifier_dropout": "seq_classif_dropout", "type_vocab_size": "", "layer_norm_eps": "",
}

// defaultDistilBERT is what transformers' DistilBertConfig has where config.json says
// nothing.
func defaultDistilBERT() Config {
	c, rate := DefaultBERT(), 0.2
	c.ModelType, c.NumHiddenLayers, c.TypeVocabSize, c.ClassifierDropout = DistilBERT, 6, 0, &rate
	return c
}

// distilbertNet is BERT's encoder without token types and without dropout of what
// attention adds.
func distilbertNet(c *Config) (*Net, error) {
	h := c.HiddenSize
	n := &Net{Embedding: c.embedding("distilbert.embeddings.", h), Blocks: c.encoders(distilbertNames)}
	for j := range n.Blocks {
		n.Blocks[j].Attention.OutputDropout = 0
	}
	n.Head = Head{Dense: linear("pre_classifier", h, h), Activation: ReLU, Dropout: c.HeadDropout(), Output: linear("classifier", h, c.Outputs())}
	if c.MaskedLM() {
		n.Head = c.guesser("vocab_transform", "vocab_layer_norm", "vocab_projector", h, activations[c.HiddenAct])
	}
	return n, nil
}

func distilbertNames(j int) blockNames {
	return blockNames{
		query: "attention.q_lin", key: "attention.k_lin", value: "attention.v_lin", attention: "attention.out_lin", attentionNorm: "sa_layer_norm",
		in: "ffn.lin1", out: "ffn.lin2", outNorm: "output_layer_norm",
	}.under("distilbert.transformer.layer." + strconv.Itoa(j) + ".")
}

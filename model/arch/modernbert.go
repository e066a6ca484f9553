package arch

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// ModernBERT is the model_type of Warner et al. 2024, arXiv 2412.13663.
const ModernBERT = "modernbert"

// modernKeys are its words in config.json for those of Config. It has no token types.
var modernKeys = map[string]string{
	"hidden_act": "hidden_activation", "hidden_dropout_prob": "mlp_dropout", "attention_probs_dropout_prob": "attention_dropout",
	"layer_norm_eps": "norm_eps", "type_vocab_size": "",
}

// defaultModern is what transformers' ModernBertConfig has where config.json says nothing:
// ModernBERT-base. It names no special tokens, whose ids there lie outside a small vocabulary.
func defaultModern() Config {
	c, pad, rate := DefaultBERT(), 50283, 0.0
	c.ModelType, c.VocabSize, c.TypeVocabSize, c.PadTokenID, c.NumHiddenLayers, c.IntermediateSize = ModernBERT, 50368, 0, &pad, 22, 1152
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb, c.ClassifierDropout = 0, 0, &rate
	c.MaxPositionEmbeddings, c.LayerNormEps = 8192, 1e-5
	c.Extra = make(map[string]json.RawMessage)
	for _, token := range []string{"bos", "cls", "eos", "sep"} {
		c.Extra[token+"_token_id"] = json.RawMessage("null")
	}
	return c
}

// A modern is a ModernBERT: its configuration, with the keys that no other family has.
type modern struct {
	*Config
	modernExtra
	windows []*int // of each encoder
}

// modernNet is encoders with rotary positions and gated feed-forward layers, which normalise
// what their halves read. All but some read neighbours alone. The tables are of words alone.
func modernNet(c *Config) (*Net, error) {
	m, err := c.modern()
	if err != nil {
		return nil, err
	}
	words := Table{"model.embeddings.tok_embeddings.weight", c.VocabSize, c.HiddenSize}
	n := &Net{Embedding: Embedding{Words: words, Norm: m.norm("model.embeddings.norm"), Dropout: m.EmbeddingDropout}}
	for j := range c.NumHiddenLayers {
		n.Blocks = append(n.Blocks, m.block(j))
	}
	last := m.norm("model.final_norm")
	n.Norm, n.Head = &last, m.head()
	return n, nil
}

// modern reads the keys of a ModernBERT; an error says which make none.
func (c *Config) modern() (*modern, error) {
	extra, err := c.modernExtra()
	if err != nil {
		return nil, err
	}
	m := &modern{Config: c, modernExtra: *extra}
	types, err := m.types()
	if err != nil {
		return nil, err
	}
	if m.windows, err = m.reach(types); err != nil {
		return nil, err
	}
	return m, m.check()
}

// check reports what of a ModernBERT is not known here.
func (m *modern) check() error {
	d := m.HiddenSize / m.NumAttentionHeads
	errs := []error{m.unlessSays("classifier_pooling", `"cls"`, `"mean"`), m.unlessSays("rope_scaling", "null"), m.unlessSays("head_dim", strconv.Itoa(d), "null")}
	if d%2 != 0 {
		errs = append(errs, fmt.Errorf("hidden_size/num_attention_heads is %d, want an even number: rotary positions turn pairs", d))
	}
	if _, known := activations[m.ClassifierActivation]; !known {
		errs = append(errs, fmt.Errorf("classifier_activation is %q, want one that hidden_activation may be", m.ClassifierActivation))
	}
	return errors.Join(errs...)
}

func (m *modern) norm(name string) Norm {
	return Norm{Name: name, Width: m.HiddenSize, Eps: m.LayerNormEps, NoBias: !m.NormBias}
}

// block is encoder j (0-based). The first reads what the embedding has normalised.
func (m *modern) block(j int) Block {
	h, f, under := m.HiddenSize, m.IntermediateSize, "model.layers."+strconv.Itoa(j)+"."
	part := func(k int) Linear {
		return Linear{Name: under + "attn.Wqkv", In: h, Out: h, NoBias: !m.AttentionBias, First: k * h, Of: 3 * h}
	}
	b := Block{
		Layer: j + 1, PreNorm: true,
		Attention: Attention{
			Query: part(0), Key: part(1), Value: part(2), Output: Linear{Name: under + "attn.Wo", In: h, Out: h, NoBias: !m.AttentionBias},
			Heads: m.NumAttentionHeads, Rotary: m.theta(m.windows[j]), Window: m.windows[j], Dropout: m.AttentionProbsDropoutProb, OutputDropout: m.AttentionProbsDropoutProb,
		},
		FFN: FFN{
			In: Linear{Name: under + "mlp.Wi", In: h, Out: 2 * f, NoBias: !m.MLPBias}, Out: Linear{Name: under + "mlp.Wo", In: f, Out: h, NoBias: !m.MLPBias},
			Gated: true, Activation: activations[m.HiddenAct], InnerDropout: m.HiddenDropoutProb, Norm: m.norm(under + "mlp_norm"),
		},
	}
	if j > 0 {
		b.Attention.Norm = m.norm(under + "attn_norm")
	}
	return b
}

// head is one layer for a classifier and for masked-language modelling.
func (m *modern) head() Head {
	h, norm := m.HiddenSize, m.norm("head.norm")
	head := Head{
		Mean: m.ClassifierPooling == "mean", Dense: Linear{Name: "head.dense", In: h, Out: h, NoBias: !m.ClassifierBias}, Activation: activations[m.ClassifierActivation],
		Norm: &norm, Dropout: m.HeadDropout(), Output: Linear{Name: "classifier", In: h, Out: m.Outputs()},
	}
	if m.MaskedLM() {
		head.Mean, head.Dropout, head.Masked = false, 0, true
		head.Output = Linear{Name: "decoder", In: h, Out: m.VocabSize, NoBias: !m.DecoderBias}
	}
	return head
}

package arch

// blockNames are what a family calls the linear layers and LayerNorms of an encoder
// like BERT's.
type blockNames struct {
	query, key, value, attention, attentionNorm string
	in, out, outNorm                            string
}

// under is the same names behind a prefix.
func (n blockNames) under(prefix string) blockNames {
	for _, name := range []*string{&n.query, &n.key, &n.value, &n.attention, &n.attentionNorm, &n.in, &n.out, &n.outNorm} {
		*name = prefix + *name
	}
	return n
}

// block is an encoder like BERT's.
func (c *Config) block(layer int, n blockNames) Block {
	h, f := c.HiddenSize, c.IntermediateSize
	return Block{
		Layer:   layer,
		Dropout: c.HiddenDropoutProb,
		Attention: Attention{
			Query: Linear{n.query, h, h}, Key: Linear{n.key, h, h}, Value: Linear{n.value, h, h}, Output: Linear{n.attention, h, h},
			Norm: c.norm(n.attentionNorm, h), Heads: c.NumAttentionHeads, Dropout: c.AttentionProbsDropoutProb,
		},
		FFN: FFN{In: Linear{n.in, h, f}, Out: Linear{n.out, f, h}, Activation: activations[c.HiddenAct], Norm: c.norm(n.outNorm, h)},
	}
}

// embedding is tables of a width, named as BERT's behind a prefix.
func (c *Config) embedding(prefix string, width int) Embedding {
	return Embedding{
		Words:     Table{prefix + "word_embeddings.weight", c.VocabSize, width},
		Positions: Table{prefix + "position_embeddings.weight", c.MaxPositionEmbeddings, width},
		Types:     Table{prefix + "token_type_embeddings.weight", c.TypeVocabSize, width},
		Norm:      c.norm(prefix+"LayerNorm", width),
		Dropout:   c.HiddenDropoutProb,
	}
}

// classifier is a tanh layer, the pooler, and one with a row for each output.
func (c *Config) classifier(pooler string) Head {
	h := c.HiddenSize
	return Head{Dense: Linear{pooler, h, h}, Activation: Tanh, Dropout: c.HeadDropout(), Output: Linear{"classifier", h, c.Outputs()}}
}

// guesser is the head of masked-language modelling (Devlin et al. 2019, section 3.1),
// over words of a width.
func (c *Config) guesser(name string, width int) Head {
	norm := c.norm(name+".transform.LayerNorm", width)
	return Head{
		Dense: Linear{name + ".transform.dense", c.HiddenSize, width}, Activation: activations[c.HiddenAct], Norm: &norm,
		Output: Linear{name, width, c.VocabSize}, Masked: true,
	}
}

func (c *Config) norm(name string, width int) Norm { return Norm{name, width, c.LayerNormEps} }

// activations are those that hidden_act names.
var activations = map[string]Activation{"gelu": GELU, "gelu_new": GELUTanh}

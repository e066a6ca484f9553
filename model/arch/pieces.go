package arch

import "strconv"

// blockNames are what a family calls the linear layers and LayerNorms of an encoder
// like BERT's.
type blockNames struct {
	query, key, value, attention, attentionNorm string
	in, out, outNorm                            string
}

// bertNames are BERT's, behind a prefix.
func bertNames(prefix string) blockNames {
	return blockNames{
		query: "attention.self.query", key: "attention.self.key", value: "attention.self.value",
		attention: "attention.output.dense", attentionNorm: "attention.output.LayerNorm",
		in: "intermediate.dense", out: "output.dense", outNorm: "output.LayerNorm",
	}.under(prefix)
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
		Layer: layer,
		Attention: Attention{
			Query: linear(n.query, h, h), Key: linear(n.key, h, h), Value: linear(n.value, h, h), Output: linear(n.attention, h, h),
			Norm: c.norm(n.attentionNorm, h), Heads: c.NumAttentionHeads, Dropout: c.AttentionProbsDropoutProb, OutputDropout: c.HiddenDropoutProb,
		},
		FFN: FFN{In: linear(n.in, h, f), Out: linear(n.out, f, h), Activation: activations[c.HiddenAct], Norm: c.norm(n.outNorm, h), Dropout: c.HiddenDropoutProb},
	}
}

// embedding is tables of a width, named as BERT's behind a prefix.
func (c *Config) embedding(prefix string, width int) Embedding {
	return Embedding{
		Words:     Table{prefix + "word_embeddings.weight", c.VocabSize, width},
		Positions: Table{prefix + "position_embeddings.weight", c.MaxPositionEmbeddings, width},
		Types:     Table{prefix + "token_type_embeddings.weight", c.TypeVocabSize, width},
		Pad:       c.Family().pad(c),
		Norm:      c.norm(prefix+"LayerNorm", width),
		Dropout:   c.HiddenDropoutProb,
	}
}

// encoders are those of encoder.layer, with weights of their own.
func (c *Config) encoders(names func(j int) blockNames) (all []Block) {
	for j := range c.NumHiddenLayers {
		all = append(all, c.block(j+1, names(j)))
	}
	return all
}

// layered are encoders that are called as BERT's, behind a prefix and a number.
func (c *Config) layered(prefix string) []Block {
	return c.encoders(func(j int) blockNames { return bertNames(prefix + strconv.Itoa(j) + ".") })
}

// classifier is a tanh layer, the pooler, and one with a row for each output.
func (c *Config) classifier(pooler string) Head {
	h := c.HiddenSize
	return Head{Dense: linear(pooler, h, h), Activation: Tanh, Dropout: c.HeadDropout(), Output: linear("classifier", h, c.Outputs())}
}

// projector is RoBERTa's classifier: a layer and one with a row for each output, which
// both read through dropout.
func (c *Config) projector(a Activation, rate float64) Head {
	h := c.HiddenSize
	return Head{InDropout: rate, Dense: linear("classifier.dense", h, h), Activation: a, Dropout: rate, Output: linear("classifier.out_proj", h, c.Outputs())}
}

// guesser is the head of masked-language modelling (Devlin et al. 2019, section 3.1),
// over words of a width: a layer, its LayerNorm and the decoder, whose bias it has.
func (c *Config) guesser(dense, norm, decoder string, width int, a Activation) Head {
	n := c.norm(norm, width)
	return Head{
		Dense: linear(dense, c.HiddenSize, width), Activation: a, Norm: &n, Output: linear(decoder, width, c.VocabSize), Masked: true,
	}
}

func (c *Config) norm(name string, width int) Norm {
	return Norm{Name: name, Width: width, Eps: c.LayerNormEps}
}

// linear is a layer that has a bias, and its tensors for itself.
func linear(name string, in, out int) Linear { return Linear{Name: name, In: in, Out: out} }

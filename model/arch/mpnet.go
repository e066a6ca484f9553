package arch

import (
	"fmt"
	"strconv"
)

// MPNet is the model_type of Song et al. 2020, arXiv 2004.09297.
const MPNet = "mpnet"

// mpnetPad is the id that positions do not count, whatever pad_token_id says.
const mpnetPad = 1

// mpnetBuckets are those of transformers' MPNet, whatever the size of its table, which has
// the last of them begin at mpnetFurthest.
const mpnetBuckets, mpnetFurthest = 32, 128

// defaultMPNet is what transformers' MPNetConfig has where config.json says nothing.
func defaultMPNet() Config {
	c, pad := DefaultBERT(), mpnetPad
	c.ModelType, c.VocabSize, c.TypeVocabSize, c.PadTokenID, c.RelativeBuckets = MPNet, 30527, 0, &pad, mpnetBuckets
	return c
}

// mpnetNet is RoBERTa's network without token types, whose attention has a bias by distance.
func mpnetNet(c *Config) (*Net, error) {
	if c.RelativeBuckets < mpnetBuckets || c.RelativeBuckets > maxSize {
		return nil, fmt.Errorf("relative_attention_num_buckets is %d, want %d to %d", c.RelativeBuckets, mpnetBuckets, maxSize)
	}
	n := &Net{Embedding: c.embedding("mpnet.embeddings.", c.HiddenSize), Blocks: c.encoders(mpnetNames)}
	relative := &Relative{Table{"mpnet.encoder.relative_attention_bias.weight", c.RelativeBuckets, c.NumAttentionHeads}, mpnetBuckets, mpnetFurthest}
	for j := range n.Blocks {
		n.Blocks[j].Attention.Relative = relative
	}
	n.Head = c.robertaHead("mpnet.pooler.dense", c.HiddenDropoutProb)
	return n, nil
}

func mpnetNames(j int) blockNames {
	return blockNames{
		query: "attention.attn.q", key: "attention.attn.k", value: "attention.attn.v", attention: "attention.attn.o", attentionNorm: "attention.LayerNorm",
		in: "intermediate.dense", out: "output.dense", outNorm: "output.LayerNorm",
	}.under("mpnet.encoder.layer." + strconv.Itoa(j) + ".")
}

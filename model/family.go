package model

import (
	"strconv"
	"strings"

	"github.com/powerbert/powerbert/layers"
)

// A Family is a kind of encoder as transformers has it: what its classifiers and
// their tensors are called. Names of linear layers and LayerNorms are without their
// .weight and .bias.
type Family struct {
	Title        string // for people, with its article
	Architecture string // of the classifier
	Choice       string // the same, of a model for multiple choice
	Base         string // what all names but the classifier's begin with, except in a bare model's checkpoint
	Embeddings   string // what the names of the embedding begin with
	Mapping      string // from the width of the embedding to the encoders'; "": they are equally wide
	Pooler       string
	layer        string // what the names of encoder j begin with, j as "%d"; without one all encoders are the same
	inLayer      layers.EncoderNames
	defaults     func() Config
}

// families are the kinds of model by model_type.
var families = map[string]*Family{
	"bert": {
		Title: "a BERT", Architecture: "BertForSequenceClassification", Choice: "BertForMultipleChoice", Base: "bert.",
		Embeddings: "bert.embeddings.", Pooler: "bert.pooler.dense", layer: "bert.encoder.layer.%d.",
		inLayer: layers.EncoderNames{
			Query: "attention.self.query", Key: "attention.self.key", Value: "attention.self.value",
			Projection: "attention.output.dense", AttentionNorm: "attention.output.LayerNorm",
			Intermediate: "intermediate.dense", Output: "output.dense", OutputNorm: "output.LayerNorm",
		},
		defaults: DefaultConfig,
	},
	"albert": {
		Title: "an ALBERT", Architecture: "AlbertForSequenceClassification", Choice: "AlbertForMultipleChoice", Base: "albert.",
		Embeddings: "albert.embeddings.", Mapping: "albert.encoder.embedding_hidden_mapping_in",
		Pooler: "albert.pooler", layer: "albert.encoder.albert_layer_groups.0.albert_layers.0.",
		inLayer: layers.EncoderNames{
			Query: "attention.query", Key: "attention.key", Value: "attention.value",
			Projection: "attention.dense", AttentionNorm: "attention.LayerNorm",
			Intermediate: "ffn", Output: "ffn_output", OutputNorm: "full_layer_layer_norm",
		},
		defaults: DefaultALBERT,
	},
}

// Family is that of ModelType, BERT where it is none that is known.
func (c *Config) Family() *Family {
	if f := families[c.ModelType]; f != nil {
		return f
	}
	return families["bert"]
}

// Shared tells whether one encoder does the work of all.
func (f *Family) Shared() bool { return !strings.Contains(f.layer, "%d") }

// Encoder is the names of encoder j (0-based).
func (f *Family) Encoder(j int) layers.EncoderNames {
	at, n := strings.Replace(f.layer, "%d", strconv.Itoa(j), 1), f.inLayer
	for _, name := range []*string{&n.Query, &n.Key, &n.Value, &n.Projection, &n.AttentionNorm, &n.Intermediate, &n.Output, &n.OutputNorm} {
		*name = at + *name
	}
	return n
}

// encoders is the number of encoders that have weights of their own.
func (c *Config) encoders() int {
	if c.Family().Shared() {
		return 1
	}
	return c.NumHiddenLayers
}

// embedding is the width of the embedding: E of ALBERT, H of BERT.
func (c *Config) embedding() int {
	if c.Family().Mapping != "" {
		return c.EmbeddingSize
	}
	return c.HiddenSize
}

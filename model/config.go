package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Config is the shape of a BERT classifier: config.json of a Hugging Face
// directory, under the same keys. Keys that are not listed here are kept in
// Extra and written back, as transformers does.
type Config struct {
	ModelType                 string            `json:"model_type"`                   // "bert"
	Architectures             []string          `json:"architectures,omitempty"`      // "BertForSequenceClassification"
	VocabSize                 int               `json:"vocab_size"`                   // V
	HiddenSize                int               `json:"hidden_size"`                  // H
	NumHiddenLayers           int               `json:"num_hidden_layers"`            // L
	NumAttentionHeads         int               `json:"num_attention_heads"`          // A, divides H
	IntermediateSize          int               `json:"intermediate_size"`            // F
	HiddenAct                 string            `json:"hidden_act"`                   // "gelu": the exact erf form
	HiddenDropoutProb         float64           `json:"hidden_dropout_prob"`          // of embeddings, hidden rows and the pooled vector
	AttentionProbsDropoutProb float64           `json:"attention_probs_dropout_prob"` // of P
	ClassifierDropout         *float64          `json:"classifier_dropout"`           // of the pooled vector; nil: HiddenDropoutProb
	MaxPositionEmbeddings     int               `json:"max_position_embeddings"`      // longest input
	TypeVocabSize             int               `json:"type_vocab_size"`              // token types
	LayerNormEps              float64           `json:"layer_norm_eps"`
	InitializerRange          float64           `json:"initializer_range"` // standard deviation of new weights
	PositionEmbeddingType     string            `json:"position_embedding_type,omitempty"`
	ID2Label                  map[string]string `json:"id2label,omitempty"`
	Label2ID                  map[string]int    `json:"label2id,omitempty"`
	ProblemType               string            `json:"problem_type,omitempty"`
	PowerRetention            *Retention        `json:"power_retention,omitempty"` // nil: dense

	Extra map[string]json.RawMessage `json:"-"` // keys of config.json that are not fields
}

// Retention is a learned retention configuration, so that a saved model knows
// its own structure. Other tools ignore it and run the model dense.
type Retention struct {
	MaxLength        int    `json:"max_length"`        // N, which Keep refers to
	Ranks            string `json:"ranks"`             // "absolute", or "relative" to an input's real length
	Keep             []int  `json:"retention"`         // l_1 … l_L, not increasing
	PadQueriesVote   bool   `json:"pad_queries_vote"`  // attention paid by padding counts
	SubtractDiagonal bool   `json:"subtract_diagonal"` // P_h[w, w] does not count
}

// DefaultConfig is what transformers' BertConfig has where config.json says
// nothing: BERT-base, uncased, with two labels.
func DefaultConfig() Config {
	return Config{
		ModelType: "bert", VocabSize: 30522, HiddenSize: 768, NumHiddenLayers: 12, NumAttentionHeads: 12,
		IntermediateSize: 3072, HiddenAct: "gelu", HiddenDropoutProb: 0.1, AttentionProbsDropoutProb: 0.1,
		MaxPositionEmbeddings: 512, TypeVocabSize: 2, LayerNormEps: 1e-12, InitializerRange: 0.02,
	}
}

// NumLabels is the number of outputs: as many as ID2Label names, 2 if it names none.
func (c *Config) NumLabels() int {
	if len(c.ID2Label) == 0 {
		return 2
	}
	return len(c.ID2Label)
}

// SetLabels names the outputs, in the order of their ids.
func (c *Config) SetLabels(names []string) {
	c.ID2Label, c.Label2ID = make(map[string]string), make(map[string]int)
	for i, name := range names {
		c.ID2Label[strconv.Itoa(i)] = name
		c.Label2ID[name] = i
	}
}

// Labels is the names of the outputs in the order of their ids: those of
// ID2Label, "LABEL_0" and so on where it names none.
func (c *Config) Labels() []string {
	names := make([]string, c.NumLabels())
	for i := range names {
		key := strconv.Itoa(i)
		names[i] = "LABEL_" + key
		if name, ok := c.ID2Label[key]; ok {
			names[i] = name
		}
	}
	return names
}

// HeadDropout is the dropout rate of the pooled vector.
func (c *Config) HeadDropout() float64 {
	if c.ClassifierDropout != nil {
		return *c.ClassifierDropout
	}
	return c.HiddenDropoutProb
}

// Clone is a copy that shares nothing with c.
func (c *Config) Clone() Config {
	d := *c
	d.Architectures = slices.Clone(c.Architectures)
	d.ID2Label, d.Label2ID, d.Extra = maps.Clone(c.ID2Label), maps.Clone(c.Label2ID), maps.Clone(c.Extra)
	if c.ClassifierDropout != nil {
		rate := *c.ClassifierDropout
		d.ClassifierDropout = &rate
	}
	if c.PowerRetention != nil {
		r := *c.PowerRetention
		r.Keep = slices.Clone(r.Keep)
		d.PowerRetention = &r
	}
	return d
}

// Limits on what a configuration may ask for, far above any BERT: a broken file
// must not make the program reserve the machine's memory.
const (
	maxLayers = 1 << 10
	maxSize   = 1 << 24
	maxLabels = 1 << 16
	maxParams = 1 << 34
)

// Validate reports everything that is wrong with c, joined with errors.Join:
// sizes that make no network, and kinds of BERT that this package does not run.
func (c *Config) Validate() error {
	var p problems
	p.kind(c)
	p.sizes(c)
	p.rates(c)
	p.labels(c)
	p.retention(c)
	return errors.Join(p...)
}

// problems collects what Validate finds.
type problems []error

func (p *problems) add(bad bool, format string, args ...any) {
	if bad {
		*p = append(*p, fmt.Errorf(format, args...))
	}
}

func (p *problems) kind(c *Config) {
	p.add(c.ModelType != "bert", "model_type is %q, want \"bert\"", c.ModelType)
	p.add(c.HiddenAct != "gelu", "hidden_act is %q, want \"gelu\"", c.HiddenAct)
	p.add(c.PositionEmbeddingType != "" && c.PositionEmbeddingType != "absolute",
		"position_embedding_type is %q, want \"absolute\"", c.PositionEmbeddingType)
	p.add(string(c.Extra["is_decoder"]) == "true", "is_decoder is true, want an encoder")
}

func (p *problems) sizes(c *Config) {
	for _, s := range []struct {
		key        string
		got, limit int
	}{
		{"vocab_size", c.VocabSize, maxSize},
		{"hidden_size", c.HiddenSize, maxSize},
		{"num_hidden_layers", c.NumHiddenLayers, maxLayers},
		{"num_attention_heads", c.NumAttentionHeads, maxSize},
		{"intermediate_size", c.IntermediateSize, maxSize},
		{"max_position_embeddings", c.MaxPositionEmbeddings, maxSize},
		{"type_vocab_size", c.TypeVocabSize, maxSize},
	} {
		p.add(s.got < 1 || s.got > s.limit, "%s is %d, want 1 to %d", s.key, s.got, s.limit)
	}
	if len(*p) > 0 {
		return
	}
	p.add(c.HiddenSize%c.NumAttentionHeads != 0, "hidden_size %d is not a multiple of num_attention_heads %d",
		c.HiddenSize, c.NumAttentionHeads)
	n := c.count()
	p.add(n > maxParams, "the sizes make %.3g parameters, want at most %.3g", n, float64(maxParams))
}

// count is the number of parameters of the encoder, free of overflow.
func (c *Config) count() float64 {
	h, f := float64(c.HiddenSize), float64(c.IntermediateSize)
	tables := float64(c.VocabSize) + float64(c.MaxPositionEmbeddings) + float64(c.TypeVocabSize)
	return h*(tables+h+float64(c.NumLabels())) + float64(c.NumHiddenLayers)*(4*h*h+2*h*f)
}

func (p *problems) rates(c *Config) {
	rate := func(key string, got float64) {
		p.add(!(got >= 0 && got < 1), "%s is %g, want 0 or more and less than 1", key, got)
	}
	rate("hidden_dropout_prob", c.HiddenDropoutProb)
	rate("attention_probs_dropout_prob", c.AttentionProbsDropoutProb)
	if c.ClassifierDropout != nil {
		rate("classifier_dropout", *c.ClassifierDropout)
	}
	p.add(!(c.LayerNormEps > 0), "layer_norm_eps is %g, want more than 0", c.LayerNormEps)
	p.add(!(c.InitializerRange > 0), "initializer_range is %g, want more than 0", c.InitializerRange)
}

func (p *problems) labels(c *Config) {
	for i := range len(c.ID2Label) {
		_, ok := c.ID2Label[strconv.Itoa(i)]
		p.add(!ok, "id2label has %d labels but none of id %d, want ids 0 to %d", len(c.ID2Label), i, len(c.ID2Label)-1)
	}
}

func (p *problems) retention(c *Config) {
	r := c.PowerRetention
	if r == nil {
		return
	}
	p.add(r.Ranks != "absolute" && r.Ranks != "relative", "power_retention.ranks is %q, want \"absolute\" or \"relative\"", r.Ranks)
	p.add(r.MaxLength < 1 || r.MaxLength > c.MaxPositionEmbeddings, "power_retention.max_length is %d, want 1 to max_position_embeddings %d",
		r.MaxLength, c.MaxPositionEmbeddings)
	p.add(len(r.Keep) != c.NumHiddenLayers, "power_retention.retention has %d entries, want one per encoder, %d", len(r.Keep), c.NumHiddenLayers)
	above := r.MaxLength
	for j, l := range r.Keep {
		p.add(l < 1 || l > above, "power_retention.retention: encoder %d keeps %d word-vectors, want 1 to %d", j+1, l, above)
		above = l
	}
}

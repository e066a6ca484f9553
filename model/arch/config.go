package arch

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// Config is the shape of a model: config.json of a Hugging Face directory, under the
// same keys. Keys that are not listed here are kept in Extra and written back, as
// transformers does.
type Config struct {
	ModelType                 string                   `json:"model_type"`                               // that of a Family
	Architectures             []string                 `json:"architectures,omitempty"`                  // "BertForSequenceClassification"
	VocabSize                 int                      `json:"vocab_size"`                               // V
	HiddenSize                int                      `json:"hidden_size"`                              // H
	EmbeddingSize             int                      `json:"embedding_size,omitempty"`                 // E, of ALBERT
	NumHiddenGroups           int                      `json:"num_hidden_groups,omitempty"`              // of ALBERT: 1, all encoders share their weights
	InnerGroupNum             int                      `json:"inner_group_num,omitempty"`                // of ALBERT: 1
	NumHiddenLayers           int                      `json:"num_hidden_layers"`                        // L
	NumAttentionHeads         int                      `json:"num_attention_heads"`                      // A, divides H
	IntermediateSize          int                      `json:"intermediate_size"`                        // F
	HiddenAct                 string                   `json:"hidden_act"`                               // one of activations
	HiddenDropoutProb         float64                  `json:"hidden_dropout_prob"`                      // of embeddings, hidden rows and the pooled vector
	AttentionProbsDropoutProb float64                  `json:"attention_probs_dropout_prob"`             // of P
	ClassifierDropout         *float64                 `json:"classifier_dropout"`                       // of the pooled vector; nil: HiddenDropoutProb
	ClassifierDropoutProb     *float64                 `json:"classifier_dropout_prob,omitempty"`        // ALBERT's name for ClassifierDropout
	MaxPositionEmbeddings     int                      `json:"max_position_embeddings"`                  // positions; Longest is the longest input
	TypeVocabSize             int                      `json:"type_vocab_size"`                          // token types; 0: tokens have none
	PadTokenID                *int                     `json:"pad_token_id,omitempty"`                   // of RoBERTa: the id that positions do not count; of ModernBERT: that of padding
	RelativeBuckets           int                      `json:"relative_attention_num_buckets,omitempty"` // of MPNet
	LayerNormEps              float64                  `json:"layer_norm_eps"`
	InitializerRange          float64                  `json:"initializer_range"` // standard deviation of new weights
	PositionEmbeddingType     string                   `json:"position_embedding_type,omitempty"`
	ID2Label                  LabelNames               `json:"id2label,omitempty"`
	Label2ID                  LabelIDs                 `json:"label2id,omitempty"`
	ProblemType               string                   `json:"problem_type,omitempty"`
	PowerRetention            *retention.Configuration `json:"power_retention,omitempty"`    // nil: dense
	Budgets                   retention.Family         `json:"power_budgets,omitempty"`      // that one set of weights serves, of which PowerRetention has one; nil: it has that alone
	Quantization              *Quantization            `json:"power_quantization,omitempty"` // nil: all weights are floats
	Thresholds                []float64                `json:"power_thresholds,omitempty"`   // of labels that are each by itself: the least probability of each that is said, before any temperature; nil: 1/2
	Window                    *problem.Window          `json:"power_window,omitempty"`       // of texts that are longer than it reads; nil: they are cut
	Pairs                     bool                     `json:"power_pairs,omitempty"`        // trained on pairs of texts, and on nothing else
	Temperature               float64                  `json:"power_temperature,omitempty"`  // that logits are divided by where the model is used; 0: none was fitted
	PretrainedLength          int                      `json:"pretrained_length,omitempty"`  // tokens of the longest sequence of pretraining; 0: unknown

	Extra map[string]json.RawMessage `json:"-"` // keys of config.json that are not fields
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

// Labels is the names of the outputs in the order of their ids: those of ID2Label,
// "LABEL_0" and so on where it names none. Of one name that several have, each has its id
// added, as "other (1)". Options of questions have names there or none.
func (c *Config) Labels() []string {
	if c.Options() == 0 {
		return nil
	}
	names := make([]string, c.NumLabels())
	for i := range names {
		key := strconv.Itoa(i)
		names[i] = "LABEL_" + key
		if name, ok := c.ID2Label[key]; ok {
			names[i] = name
		}
	}
	return distinct(names)
}

// Longest is the most tokens of an input: as many as there are positions to count.
func (c *Config) Longest() int {
	if pad := c.Family().pad(c); pad != nil {
		return c.MaxPositionEmbeddings - int(*pad) - 1
	}
	return c.MaxPositionEmbeddings
}

// SetLongest makes positions for inputs of so many tokens, of which pad is the id of
// padding.
func (c *Config) SetLongest(tokens, pad int) {
	if c.PadTokenID != nil {
		c.PadTokenID = &pad
	}
	c.MaxPositionEmbeddings = 0
	c.MaxPositionEmbeddings = tokens - c.Longest()
}

// TakesPairs tells whether inputs of two texts, whose tokens have so many types, are
// something else to the model than one text: where tokens have types at all, there must be
// as many.
func (c *Config) TakesPairs(types int) bool { return c.TypeVocabSize == 0 || c.TypeVocabSize >= types }

// padID is pad_token_id, that of the family where there is none.
func (c *Config) padID() int {
	if c.PadTokenID == nil {
		return *c.Family().Defaults().PadTokenID
	}
	return *c.PadTokenID
}

// HeadDropout is the dropout rate of the pooled vector.
func (c *Config) HeadDropout() float64 {
	for _, rate := range []*float64{c.ClassifierDropoutProb, c.ClassifierDropout} {
		if rate != nil {
			return *rate
		}
	}
	return c.HiddenDropoutProb
}

// Clone is a copy that shares nothing with c.
func (c *Config) Clone() Config {
	d := *c
	d.Architectures, d.Thresholds = slices.Clone(c.Architectures), slices.Clone(c.Thresholds)
	d.ID2Label, d.Label2ID, d.Extra = maps.Clone(c.ID2Label), maps.Clone(c.Label2ID), maps.Clone(c.Extra)
	for _, rate := range []**float64{&d.ClassifierDropout, &d.ClassifierDropoutProb} {
		if *rate != nil {
			*rate = new(**rate)
		}
	}
	if c.PadTokenID != nil {
		d.PadTokenID = new(*c.PadTokenID)
	}
	if r := c.PowerRetention; r != nil {
		d.PowerRetention = new(*r)
		d.PowerRetention.Keep, d.PowerRetention.Positions = slices.Clone(r.Keep), slices.Clone(r.Positions)
	}
	d.Budgets = slices.Clone(c.Budgets)
	for i := range d.Budgets {
		d.Budgets[i].Keep = slices.Clone(d.Budgets[i].Keep)
	}
	if c.Window != nil {
		d.Window = new(*c.Window)
	}
	if q := c.Quantization; q != nil {
		d.Quantization = new(*q)
		d.Quantization.Float = slices.Clone(q.Float)
	}
	return d
}

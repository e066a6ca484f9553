package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// modernExtra is the keys that ModernBERT alone has, as its releases spell them: kinds of
// attention by layer or by a distance, θ by kind or by a key each.
type modernExtra struct {
	GlobalEvery          int             `json:"global_attn_every_n_layers"` // without layer_types: encoder 1 and every so many behind it read all
	LayerTypes           []string        `json:"layer_types"`
	LocalAttention       int             `json:"local_attention"` // twice the distance of the furthest key
	SlidingWindow        *int            `json:"sliding_window"`  // that distance
	GlobalTheta          float64         `json:"global_rope_theta"`
	LocalTheta           json.RawMessage `json:"local_rope_theta"` // null: as global_rope_theta
	Rope                 json.RawMessage `json:"rope_parameters"`
	NormBias             bool            `json:"norm_bias"`
	AttentionBias        bool            `json:"attention_bias"`
	MLPBias              bool            `json:"mlp_bias"`
	ClassifierBias       bool            `json:"classifier_bias"`
	DecoderBias          bool            `json:"decoder_bias"`
	ClassifierActivation string          `json:"classifier_activation"`
	ClassifierPooling    string          `json:"classifier_pooling"`
	EmbeddingDropout     float64         `json:"embedding_dropout"`
	global, local        float64         // θ
}

// The kinds of attention.
const (
	fullAttention    = "full_attention"
	slidingAttention = "sliding_attention"
)

// modernExtra reads them over transformers' defaults.
func (c *Config) modernExtra() (*modernExtra, error) {
	m := &modernExtra{GlobalEvery: 3, LocalAttention: 128, GlobalTheta: 160_000, DecoderBias: true, ClassifierActivation: "gelu", ClassifierPooling: "cls"}
	text, err := json.Marshal(c.Extra)
	if err != nil {
		return nil, err
	}
	var kind *json.UnmarshalTypeError
	if err := json.Unmarshal(text, m); errors.As(err, &kind) {
		return nil, fmt.Errorf("%s is a %s, want what transformers' ModernBertConfig has there", kind.Field, kind.Value)
	} else if err != nil {
		return nil, err
	}
	if !(m.EmbeddingDropout >= 0 && m.EmbeddingDropout < 1) {
		return nil, fmt.Errorf("embedding_dropout is %g, want 0 or more and less than 1", m.EmbeddingDropout)
	}
	return m, m.thetas()
}

// rope is the rotary positions of a kind of attention.
type rope struct {
	Type  string   `json:"rope_type"`
	Theta *float64 `json:"rope_theta"`
}

// thetas finds θ of both kinds, which rope_parameters has before the keys of older releases.
func (m *modernExtra) thetas() error {
	m.global, m.local = m.GlobalTheta, 10_000
	switch text := string(m.LocalTheta); {
	case text == "null":
		m.local = m.global
	case text != "" && json.Unmarshal(m.LocalTheta, &m.local) != nil:
		return fmt.Errorf("local_rope_theta is %.40s, want a number", text)
	}
	var by struct {
		Full    *rope `json:"full_attention"`
		Sliding *rope `json:"sliding_attention"`
	}
	known := json.NewDecoder(bytes.NewReader(m.Rope))
	known.DisallowUnknownFields()
	unknown := len(m.Rope) > 0 && known.Decode(&by) != nil
	for to, r := range map[*float64]*rope{&m.global: by.Full, &m.local: by.Sliding} {
		if r == nil {
			continue
		}
		unknown = unknown || r.Type != "" && r.Type != "default"
		if r.Theta != nil {
			*to = *r.Theta
		}
	}
	if unknown {
		return fmt.Errorf("rope_parameters is %.200s, which changes what the model computes and is not known here; want rope_theta of rope_type default for %s and %s", m.Rope, fullAttention, slidingAttention)
	}
	if !(m.global > 0) || !(m.local > 0) {
		return fmt.Errorf("rope_theta is %g for %s and %g for %s, want more than 0", m.global, fullAttention, m.local, slidingAttention)
	}
	return nil
}

// theta is that of encoders that read so far; nil: they read all.
func (m *modernExtra) theta(window *int) float64 {
	if window == nil {
		return m.global
	}
	return m.local
}

// reach is how far each encoder reads, by its kind of attention; nil: to the ends.
func (m *modern) reach(types []string) ([]*int, error) {
	half := m.LocalAttention / 2
	if m.SlidingWindow != nil {
		half = *m.SlidingWindow
	}
	if half < 0 || m.LocalAttention < 0 || half > maxSize {
		return nil, fmt.Errorf("local_attention is %d and its half %d, want 0 to %d", m.LocalAttention, half, maxSize)
	}
	windows := make([]*int, len(types))
	for j, kind := range types {
		switch kind {
		case slidingAttention:
			windows[j] = &half
		case fullAttention:
		default:
			return nil, fmt.Errorf("layer_types has %q, want %q or %q", kind, fullAttention, slidingAttention)
		}
	}
	return windows, nil
}

// types is the kind of attention of each encoder, as layer_types says or the number between
// those that read all.
func (m *modern) types() ([]string, error) {
	layers := m.NumHiddenLayers
	switch {
	case m.LayerTypes != nil && len(m.LayerTypes) != layers:
		return nil, fmt.Errorf("layer_types has %d entries, want one per encoder, %d", len(m.LayerTypes), layers)
	case m.LayerTypes != nil:
		return m.LayerTypes, nil
	case m.GlobalEvery < 1:
		return nil, fmt.Errorf("global_attn_every_n_layers is %d, want 1 or more", m.GlobalEvery)
	}
	kinds := make([]string, layers)
	for j := range kinds {
		if kinds[j] = slidingAttention; j%m.GlobalEvery == 0 {
			kinds[j] = fullAttention
		}
	}
	return kinds, nil
}

// pickModern makes the encoders of a configuration those that another of the same keys has,
// encoder j its encoder from(j): each keeps its kind of attention.
func pickModern(to, of *Config, from func(j int) int) {
	m, err := of.modern()
	if err != nil {
		return // of is not valid, nor will to be
	}
	kinds, _ := m.types()
	picked := make([]string, to.NumHiddenLayers)
	for j := range picked {
		picked[j] = kinds[from(j)]
	}
	if to.Extra == nil {
		to.Extra = make(map[string]json.RawMessage)
	}
	to.Extra["layer_types"], _ = json.Marshal(picked)
}

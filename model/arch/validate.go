package arch

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

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
	if p.sizes(c) {
		p.network(c)
	}
	p.rates(c)
	p.labels(c)
	p.retention(c)
	p.budgets(c)
	p.window(c)
	p.temperature(c)
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
	if err := CheckType(c.ModelType); err != nil {
		*p = append(*p, err)
	}
	_, known := activations[c.HiddenAct]
	p.add(!known, "%s is %q, want %s", c.Family().Key("hidden_act"), c.HiddenAct, oneOf(slices.Sorted(maps.Keys(activations))))
	p.add(c.PositionEmbeddingType != "" && c.PositionEmbeddingType != "absolute",
		"position_embedding_type is %q, want \"absolute\"", c.PositionEmbeddingType)
	p.add(string(c.Extra["is_decoder"]) == "true", "is_decoder is true, want an encoder")
	for _, key := range foreign {
		if err := c.unlessSays(key, "null", "false", "{}", "[]", `""`); err != nil {
			*p = append(*p, err)
		}
	}
}

// foreign are keys that change what transformers computes, in a way that nothing here
// does; what else config.json has does not.
var foreign = []string{"add_cross_attention", "pruned_heads", "quantization_config"}

// unlessSays is an error where config.json has another value of a key than those that are
// known here.
func (c *Config) unlessSays(key string, known ...string) error {
	var got bytes.Buffer
	if c.Extra[key] == nil || json.Compact(&got, c.Extra[key]) == nil && slices.Contains(known, got.String()) {
		return nil
	}
	return fmt.Errorf("%s is %.60s, which changes what the model computes and is not known here; want it absent or %s", key, &got, known[0])
}

// sizes tells whether those of c make tensors at all.
func (p *problems) sizes(c *Config) bool {
	before := len(*p)
	f := c.Family()
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
		key := f.Key(s.key)
		p.add(key != "" && (s.got < 1 || s.got > s.limit), "%s is %d, want 1 to %d", key, s.got, s.limit)
	}
	e := c.EmbeddingSize
	p.add(f.Maps() && (e < 1 || e > maxSize), "embedding_size is %d, want 1 to %d", e, maxSize)
	if pad := f.pad(c); pad != nil {
		p.add(*pad < 0 || c.Longest() < 1, "pad_token_id is %d, want 0 to %d: positions begin behind it, and max_position_embeddings is %d", *pad, c.MaxPositionEmbeddings-2, c.MaxPositionEmbeddings)
	}
	return len(*p) == before
}

// network checks what the sizes of c make together.
func (p *problems) network(c *Config) {
	f := c.Family()
	p.add(c.HiddenSize%c.NumAttentionHeads != 0, "%s %d is not a multiple of %s %d",
		f.Key("hidden_size"), c.HiddenSize, f.Key("num_attention_heads"), c.NumAttentionHeads)
	net, err := f.Net(c)
	if err != nil {
		*p = append(*p, err)
		return
	}
	n := net.Parameters()
	p.add(n > maxParams, "the sizes make %.3g parameters, want at most %.3g", n, float64(maxParams))
	if c.Quantization != nil {
		*p = append(*p, c.Quantization.check(net)...)
	}
}

func (p *problems) rates(c *Config) {
	rate := func(key string, got float64) {
		p.add(!(got >= 0 && got < 1), "%s is %g, want 0 or more and less than 1", key, got)
	}
	f := c.Family()
	rate(f.Key("hidden_dropout_prob"), c.HiddenDropoutProb)
	rate(f.Key("attention_probs_dropout_prob"), c.AttentionProbsDropoutProb)
	if c.ClassifierDropout != nil {
		rate(f.Key("classifier_dropout"), *c.ClassifierDropout)
	}
	if c.ClassifierDropoutProb != nil {
		rate("classifier_dropout_prob", *c.ClassifierDropoutProb)
	}
	p.add(!(c.LayerNormEps > 0), "%s is %g, want more than 0", cmp.Or(f.Key("layer_norm_eps"), "layer_norm_eps"), c.LayerNormEps)
	p.add(!(c.InitializerRange > 0), "initializer_range is %g, want more than 0", c.InitializerRange)
}

func (p *problems) labels(c *Config) {
	p.add(c.ProblemType != "" && !slices.Contains(problem.Types, c.ProblemType), "problem_type is %q, want %s", c.ProblemType, oneOf(problem.Types))
	for i := range len(c.ID2Label) {
		_, ok := c.ID2Label[strconv.Itoa(i)]
		p.add(!ok, "id2label has %d labels but none of id %d, want ids 0 to %d", len(c.ID2Label), i, len(c.ID2Label)-1)
	}
	p.thresholds(c)
}

// window checks how long texts are divided.
func (p *problems) window(c *Config) {
	w := c.Window
	if w == nil {
		return
	}
	p.add(w.MaxLength < 3 || w.MaxLength > c.Longest(), "power_window.max_length is %d, want 3 to %d, the model's longest input", w.MaxLength, c.Longest())
	p.add(w.Stride < 0 || w.Stride > w.MaxLength-3, "power_window.stride is %d, want 0 to %d: a window has its max_length with the special tokens", w.Stride, w.MaxLength-3)
	p.add(!slices.Contains(problem.Joins, w.Join), "power_window.join is %q, want %s", w.Join, oneOf(problem.Joins))
}

// thresholds checks those of labels that are each by itself.
func (p *problems) thresholds(c *Config) {
	if c.Thresholds == nil {
		return
	}
	p.add(!c.Problem().Several(), "power_thresholds is of labels that are each by itself, but problem_type is %q", c.ProblemType)
	p.add(len(c.Thresholds) != c.NumLabels(), "power_thresholds has %d entries, want one per label, %d", len(c.Thresholds), c.NumLabels())
	for i, t := range c.Thresholds {
		p.add(!(t >= 0 && t <= 1), "power_thresholds: that of label %d is %g, want 0 to 1", i, t)
	}
}

func (p *problems) retention(c *Config) {
	r := c.PowerRetention
	if r == nil {
		return
	}
	p.add(r.Ranks != "absolute" && r.Ranks != "relative", "power_retention.ranks is %q, want \"absolute\" or \"relative\"", r.Ranks)
	p.add(r.MaxLength < 1 || r.MaxLength > c.Longest(), "power_retention.max_length is %d, want 1 to %d, the model's longest input", r.MaxLength, c.Longest())
	p.add(len(r.Keep) != c.NumHiddenLayers, "power_retention.retention has %d entries, want one per encoder, %d", len(r.Keep), c.NumHiddenLayers)
	above := r.MaxLength
	for j, l := range r.Keep {
		p.add(l < 1 || l > above, "power_retention.retention: encoder %d keeps %d word-vectors, want 1 to %d", j+1, l, above)
		above = l
	}
	p.add(r.Score != "" && !slices.Contains(retention.Scores, r.Score), "power_retention.score is %q, want one of %s",
		r.Score, strings.Join(retention.Scores, ", "))
	p.strategy(r)
}

// budgets checks a family of lists: falling prices, and lists that are nested.
func (p *problems) budgets(c *Config) {
	if c.Budgets == nil {
		return
	}
	if c.PowerRetention == nil {
		p.add(true, "power_budgets has lists, but there is no power_retention, which says how they are read")
		return
	}
	share, above := 1.0, slices.Repeat([]int{c.PowerRetention.MaxLength}, c.NumHiddenLayers)
	for i, b := range c.Budgets {
		p.add(!(b.Share > 0 && b.Share <= share) || i > 0 && b.Share == share, "power_budgets: share %d is %g, want more than 0, 1 at most, and less than the one before", i+1, b.Share)
		if len(b.Keep) != c.NumHiddenLayers {
			p.add(true, "power_budgets: the list of %g has %d entries, want one per encoder, %d", b.Share, len(b.Keep), c.NumHiddenLayers)
			return
		}
		for j, l := range b.Keep {
			most := above[j]
			if j > 0 {
				most = min(most, b.Keep[j-1])
			}
			p.add(l < 1 || l > most, "power_budgets: encoder %d keeps %d word-vectors at %g, want 1 to %d, what the encoder before and the larger budget keep", j+1, l, b.Share, most)
		}
		share, above = b.Share, b.Keep
	}
}

func (p *problems) temperature(c *Config) {
	t := c.Temperature
	p.add(t < 0 || math.IsNaN(t) || math.IsInf(t, 0), "power_temperature is %g, want more than 0", t)
	p.add(t != 0 && !c.Problem().Labelled(), "power_temperature is %g, but the outputs are scores; want none", t)
}

// strategy checks what a retention configuration keeps.
func (p *problems) strategy(r *retention.Configuration) {
	p.add(r.Strategy != "" && !slices.Contains(retention.Strategies, r.Strategy), "power_retention.strategy is %q, want one of %s",
		r.Strategy, strings.Join(retention.Strategies, ", "))
	if r.Strategy != retention.StrategyRandom {
		p.add(len(r.Positions) > 0, "power_retention.positions are drawn for the strategy %s, but strategy is %q", retention.StrategyRandom, r.Strategy)
		return
	}
	sorted := slices.Sorted(slices.Values(r.Positions))
	whole := len(sorted) == r.MaxLength && len(sorted) > 0 && r.Positions[0] == 0
	for k, position := range sorted {
		whole = whole && position == k
	}
	p.add(!whole, "power_retention.positions holds %d numbers, want 0 to max_length - 1, %d, each once and 0 first", len(r.Positions), r.MaxLength-1)
}

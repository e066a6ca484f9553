package arch

import (
	"slices"
	"testing"

	"github.com/powerbert/powerbert/problem"
	"github.com/powerbert/powerbert/retention"
)

// How far encoders read and by which θ, as the releases of transformers spell it; what
// ModernBertConfig of 5.24 makes of each.
func TestModernAttention(t *testing.T) {
	const all = -1
	for text, want := range map[string]struct {
		windows []int
		theta   []float64
	}{
		``:                                {[]int{all, 64, 64, all}, []float64{160000, 10000, 10000, 160000}},
		`"local_attention": 9`:            {[]int{all, 4, 4, all}, []float64{160000, 10000, 10000, 160000}},
		`"sliding_window": 5`:             {[]int{all, 5, 5, all}, []float64{160000, 10000, 10000, 160000}},
		`"global_attn_every_n_layers": 2`: {[]int{all, 64, all, 64}, []float64{160000, 10000, 160000, 10000}},
		`"global_attn_every_n_layers": 1`: {[]int{all, all, all, all}, []float64{160000, 160000, 160000, 160000}},
		`"global_rope_theta": 7`:          {[]int{all, 64, 64, all}, []float64{7, 10000, 10000, 7}},
		`"local_rope_theta": 8`:           {[]int{all, 64, 64, all}, []float64{160000, 8, 8, 160000}},
		`"local_rope_theta": null`:        {[]int{all, 64, 64, all}, []float64{160000, 160000, 160000, 160000}}, // as in transformers 4
		`"layer_types": null`:             {[]int{all, 64, 64, all}, []float64{160000, 10000, 10000, 160000}},
		`"local_attention": 0, "layer_types": ["sliding_attention", "full_attention", "full_attention", "sliding_attention"], "global_attn_every_n_layers": 2`: {
			[]int{0, all, all, 0}, []float64{10000, 160000, 160000, 10000}},
		`"rope_parameters": {"full_attention": {"rope_theta": 5, "rope_type": "default"}, "sliding_attention": {"rope_type": "default"}}, "local_rope_theta": 6, "global_rope_theta": 9`: {
			[]int{all, 64, 64, all}, []float64{5, 6, 6, 5}},
	} {
		if text != "" {
			text = ", " + text
		}
		c := parseConfig(t, `{"model_type": "modernbert", "num_hidden_layers": 4`+text+`}`)
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var windows []int
		var theta []float64
		for _, b := range c.Net().Blocks {
			windows, theta = append(windows, all), append(theta, b.Attention.Rotary)
			if b.Attention.Window != nil {
				windows[len(windows)-1] = *b.Attention.Window
			}
		}
		if !slices.Equal(windows, want.windows) || !slices.Equal(theta, want.theta) {
			t.Errorf("%s: windows %v and θ %v, want %v and %v", text, windows, theta, want.windows, want.theta)
		}
	}
}

// Where config.json says nothing, a ModernBERT has what transformers' ModernBertConfig has.
func TestDefaultsOfModernBERT(t *testing.T) {
	c := parseConfig(t, `{"model_type": "modernbert"}`)
	got := []int{c.VocabSize, c.NumHiddenLayers, c.HiddenSize, c.NumAttentionHeads, c.IntermediateSize, c.TypeVocabSize, *c.PadTokenID, c.MaxPositionEmbeddings, c.Longest()}
	if want := []int{50368, 22, 768, 12, 1152, 0, 50283, 8192, 8192}; !slices.Equal(got, want) {
		t.Errorf("sizes %v, want %v", got, want)
	}
	if c.HeadDropout() != 0 || c.HiddenDropoutProb != 0 || c.AttentionProbsDropoutProb != 0 || c.HiddenAct != "gelu" || c.LayerNormEps != 1e-5 {
		t.Errorf("got %+v", c)
	}
	n := c.Net()
	if f, h := &n.Blocks[1].FFN, &n.Head; f.Activation != GELU || h.Activation != GELU || h.Mean || !h.Dense.NoBias || h.Output.NoBias || n.Embedding.Dropout != 0 {
		t.Errorf("feed-forward %+v, head %+v", f, h)
	}
}

// Biases and the place of each rate.
func TestModernSwitches(t *testing.T) {
	c := parseConfig(t, `{"model_type": "modernbert", "num_hidden_layers": 2, "norm_bias": true, "mlp_bias": true, "embedding_dropout": 0.1, "mlp_dropout": 0.2,
		"attention_dropout": 0.3, "classifier_pooling": "mean", "classifier_activation": "tanh", "hidden_activation": "silu", "decoder_bias": false}`)
	n := c.Net()
	a, f, h := &n.Blocks[1].Attention, &n.Blocks[1].FFN, &n.Head
	if a.Norm.NoBias || n.Norm.NoBias || f.In.NoBias || f.Out.NoBias || !a.Query.NoBias || !a.Output.NoBias || !h.Dense.NoBias {
		t.Error("norm_bias and mlp_bias are not where they belong")
	}
	if n.Embedding.Dropout != 0.1 || f.InnerDropout != 0.2 || f.Dropout != 0 || a.Dropout != 0.3 || a.OutputDropout != 0.3 {
		t.Errorf("rates are %v %v %v %v %v", n.Embedding.Dropout, f.InnerDropout, f.Dropout, a.Dropout, a.OutputDropout)
	}
	if !h.Mean || h.Activation != Tanh || f.Activation != SiLU || n.Reading(&Pass{}, 1) != ReadAll {
		t.Errorf("the head is %+v", h)
	}
	c = parseConfig(t, `{"model_type": "modernbert", "attention_bias": true, "classifier_bias": true, "decoder_bias": false, "classifier_pooling": "mean"}`)
	if n := c.Net(); n.Blocks[0].Attention.Query.NoBias || n.Blocks[0].Attention.Output.NoBias || !n.Blocks[0].FFN.In.NoBias || n.Head.Dense.NoBias || !n.Norm.NoBias {
		t.Error("attention_bias and classifier_bias are not where they belong")
	}
	if err := c.SetMaskedLM(); err != nil {
		t.Fatal(err)
	}
	if h := c.Net().Head; h.Mean || !h.Masked || !h.Output.NoBias || h.Dropout != 0 {
		t.Errorf("the head for masked tokens is %+v", h)
	}
	c.SetProblem(problem.MultipleChoice, []string{"a", "b"})
	if h := c.Net().Head; !h.Mean || h.Output.Out != 1 {
		t.Errorf("the head for a choice is %+v", h)
	}
}

// An encoder of an odd ModernBERT: its tensors in order, of which query, key and value are
// one, and its products.
func TestModernTensors(t *testing.T) {
	c := parseConfig(t, `{"model_type": "modernbert", "vocab_size": 7, "hidden_size": 6, "num_attention_heads": 3, "intermediate_size": 6, "num_hidden_layers": 2}`)
	var names []string
	for _, x := range c.Net().Tensors() {
		names = append(names, x.Name)
	}
	want := []string{"model.embeddings.tok_embeddings.weight", "model.embeddings.norm.weight",
		"model.layers.0.attn.Wqkv.weight", "model.layers.0.attn.Wo.weight", "model.layers.0.mlp.Wi.weight", "model.layers.0.mlp.Wo.weight", "model.layers.0.mlp_norm.weight",
		"model.layers.1.attn.Wqkv.weight", "model.layers.1.attn.Wo.weight", "model.layers.1.mlp.Wi.weight", "model.layers.1.mlp.Wo.weight", "model.layers.1.mlp_norm.weight", "model.layers.1.attn_norm.weight",
		"model.final_norm.weight", "head.dense.weight", "head.norm.weight", "classifier.weight", "classifier.bias"}
	if !slices.Equal(names, want) {
		t.Errorf("tensors are\n%q, want\n%q", names, want)
	}
	for _, product := range c.Net().Quantizable() {
		if len(product) != 1 {
			t.Errorf("%s enters a product with %d others", product[0].Name, len(product)-1)
		}
	}
	begins := c.Net().Inherits(c.Net(), func(j int) int { return 1 - j })
	if begins["model.layers.0.mlp.Wi.weight"] != "model.layers.1.mlp.Wi.weight" || begins["model.layers.1.mlp_norm.weight"] != "model.layers.0.mlp_norm.weight" {
		t.Errorf("encoders begin as %v", begins)
	}
	if from, ok := begins["model.layers.1.attn_norm.weight"]; ok {
		t.Errorf("the LayerNorm that encoder 1 has not got is %s there", from)
	}
}

// A model of some of the encoders keeps the kind of attention that each has.
func TestPicked(t *testing.T) {
	c := parseConfig(t, `{"model_type": "modernbert", "num_hidden_layers": 6, "local_attention": 9}`)
	p := c.Picked(3, func(j int) int { return 2 * j })
	var windows []bool
	for _, b := range p.Net().Blocks {
		windows = append(windows, b.Attention.Window != nil)
	}
	if err := p.Validate(); err != nil || !slices.Equal(windows, []bool{false, true, true}) || string(p.Extra["layer_types"]) != `["full_attention","sliding_attention","sliding_attention"]` {
		t.Errorf("windows %v, layer_types %s, error %v", windows, p.Extra["layer_types"], err)
	}
	if c.NumHiddenLayers != 6 || c.Extra["layer_types"] != nil {
		t.Error("the model that it comes of has changed")
	}
	bert := DefaultBERT()
	if p := bert.Picked(4, func(j int) int { return j }); p.NumHiddenLayers != 4 || p.Extra != nil {
		t.Errorf("a BERT of four encoders is %+v", p)
	}
}

// Multiply-adds in windows, by counting the tiles of 32 queries and the keys that they read,
// of word-vectors that are spread over the text.
func TestCostOfWindows(t *testing.T) {
	const h, f, reach = 12, 10, 5
	c := parseConfig(t, `{"model_type": "modernbert", "vocab_size": 7, "hidden_size": 12, "num_attention_heads": 3, "intermediate_size": 10, "num_hidden_layers": 3,
		"local_attention": 10, "classifier_pooling": "mean"}`)
	pairs := func(queries, keys, text int) (n int) {
		for first := 0; first < queries; first += 32 {
			last := min(first+31, queries-1)
			for key := range keys {
				at, lo, hi := key*text, first*text/queries-reach, last*text/queries+reach // of the text, times keys
				if at >= lo*keys && at < (hi+1)*keys {
					n += last - first + 1
				}
			}
		}
		return n
	}
	linear := func(in, out int) int { return 3*in*h*h + out*h*h + 3*out*h*f }
	full := func(in, out int) int { return linear(in, out) + in*in*h + out*in*h }
	local := func(in, out, text int) int { return linear(in, out) + pairs(in, in, text)*h + pairs(out, in, text)*h }
	n := c.Net()
	for text := 1; text < 150; text += 37 {
		if got, want := n.Cost(&retention.Elimination{}, text, text), full(text, text)+2*local(text, text, text); got != want {
			t.Errorf("%d word-vectors: %d multiply-adds, want %d", text, got, want)
		}
	}
	hard := retention.Elimination{Keep: []int{60, 40, 9}, Length: 150}
	if got, want := n.Cost(&hard, 100, 100), full(100, 60)+local(60, 40, 100)+local(40, 9, 100); got != want {
		t.Errorf("with elimination: %d multiply-adds, want %d", got, want)
	}
	if dense := n.Cost(&retention.Elimination{}, 3000, 3000); dense > 3*linear(3000, 3000)+2*3000*3000*h+4*3000*(32+2*reach)*h {
		t.Errorf("3000 word-vectors take %d multiply-adds", dense)
	}
	cls := parseConfig(t, `{"model_type": "modernbert", "vocab_size": 7, "hidden_size": 12, "num_attention_heads": 3, "intermediate_size": 10, "num_hidden_layers": 2, "local_attention": 10}`)
	if got, want := cls.Net().Cost(&retention.Elimination{}, 80, 80), full(80, 80)+(2*80+1)*h*h+2*(reach+1)*h+h*h+3*h*f; got != want {
		t.Errorf("of [CLS] alone: %d multiply-adds, want %d", got, want)
	}
}

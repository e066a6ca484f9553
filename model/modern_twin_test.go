package model

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/powerbert/powerbert/model/arch"
)

// modernConfigs are ModernBERTs of odd sizes, of which one reads the mean, has all biases and
// keys that differ from what is usual.
func modernConfigs() map[string]arch.Config {
	all := map[string]arch.Config{}
	for name, extra := range map[string]map[string]json.RawMessage{
		"modernbert": {"local_attention": json.RawMessage("5"), "embedding_dropout": json.RawMessage("0.1"), "global_rope_theta": json.RawMessage("40")},
		"modernbert, mean": {"local_attention": json.RawMessage("6"), "layer_types": json.RawMessage(`["sliding_attention", "full_attention", "sliding_attention"]`),
			"classifier_pooling": json.RawMessage(`"mean"`), "norm_bias": json.RawMessage("true"), "attention_bias": json.RawMessage("true"),
			"mlp_bias": json.RawMessage("true"), "classifier_bias": json.RawMessage("true"), "local_rope_theta": json.RawMessage("30")},
	} {
		c := arch.FamilyOf(arch.ModernBERT).Defaults()
		rate := 0.4
		c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = identityConfig().VocabSize, 18, 3, 3, 11
		c.HiddenDropoutProb, c.AttentionProbsDropoutProb, c.LayerNormEps, c.ClassifierDropout, c.Extra = 0.2, 0.3, 0.07, &rate, extra
		c.SetLongest(17, 5)
		c.SetLabels([]string{"a", "b", "c"})
		all[name] = c
	}
	return all
}

// said reads a key of config.json.
func (w *twin) said(key string, otherwise float64) float64 {
	_ = json.Unmarshal(w.c.Extra[key], &otherwise)
	return otherwise
}

// modern is a ModernBERT: Y = X + drop(Attention(LN(X))), X' = Y + drop(GELU(A)∘B)·W_o, where
// A and B are the halves of LN(Y)·W_i, between an LN of the words and one of the last X'.
func (w *twin) modern(net *arch.Net) {
	rate := w.c.AttentionProbsDropoutProb
	var x rows
	for _, id := range w.b.IDs {
		x = append(x, w.p.Slice("model.embeddings.tok_embeddings.weight")[int(id)*w.c.HiddenSize:int(id+1)*w.c.HiddenSize])
	}
	x = w.note(w.drop(w.norm(x, "model.embeddings.norm"), w.said("embedding_dropout", 0)), "embedding")
	for j := range w.c.NumHiddenLayers {
		under, read := "model.layers."+strconv.Itoa(j)+".", x
		if j > 0 {
			read = w.norm(x, under+"attn_norm")
		}
		o := w.drop(w.linear(w.local(w.linear(read, under+"attn.Wqkv"), j), under+"attn.Wo"), rate)
		y := w.note(sum(x, o), "feed-forward input of encoder %d", j+1)
		var inner rows
		for _, row := range w.linear(w.norm(y, under+"mlp_norm"), under+"mlp.Wi") {
			var z []float64
			for k := range w.c.IntermediateSize {
				z = append(z, gelu(row[k])*row[w.c.IntermediateSize+k])
			}
			inner = append(inner, z)
		}
		z := w.linear(w.drop(inner, w.c.HiddenDropoutProb), under+"mlp.Wo")
		w.site++ // a place that never drops
		x = w.note(sum(y, z), "output of encoder %d", j+1)
	}
	pooled := w.note(w.norm(each(w.linear(w.pool(w.norm(x, "model.final_norm")), "head.dense"), gelu), "head.norm"), "pooled")
	w.note(w.linear(w.drop(pooled, *w.c.ClassifierDropout), "classifier"), "logits")
}

// pool is [CLS] of each sequence, or the mean of its word-vectors.
func (w *twin) pool(x rows) (y rows) {
	for s := range w.b.Sequences() {
		from, to, _ := w.b.Bounds(s)
		if string(w.c.Extra["classifier_pooling"]) != `"mean"` {
			to = from + 1
		}
		row := make([]float64, len(x[from]))
		for _, one := range x[from:to] {
			for k, v := range one {
				row[k] += v / float64(to-from)
			}
		}
		y = append(y, row)
	}
	return y
}

// local is attention of encoder j (0-based), turned by positions and within its window.
func (w *twin) local(qkv rows, j int) rows {
	sliding := j != 0
	if w.c.Extra["layer_types"] != nil {
		sliding = j != 1
	}
	theta, h, reach := w.said("global_rope_theta", 160000), w.c.HiddenSize, int(w.said("local_attention", 128))/2
	if sliding {
		theta = w.said("local_rope_theta", 10000)
	}
	var q, k, v rows
	for i, row := range qkv {
		at := float64(w.b.Positions[i])
		q, k, v = append(q, w.turn(row[:h], at, theta)), append(k, w.turn(row[h:2*h], at, theta)), append(v, row[2*h:])
	}
	return w.attend(q, k, v, func(_, distance int) float64 {
		if sliding && (distance > reach || -distance > reach) {
			return math.Inf(-1)
		}
		return 0
	})
}

// turn multiplies the pairs of a row, as complex numbers, by e^(i·position/θ^(2k/d)).
func (w *twin) turn(row []float64, position, theta float64) []float64 {
	d := w.c.HiddenSize / w.c.NumAttentionHeads
	y := make([]float64, len(row))
	for head := 0; head < len(row); head += d {
		for k := range d / 2 {
			inverse := float32(1) / float32(math.Pow(theta, float64(float32(2*k)/float32(d)))) // float32, as the definition
			sin, cos := math.Sincos(float64(float32(position) * inverse))
			a, b := row[head+k], row[head+d/2+k]
			y[head+k], y[head+d/2+k] = a*cos-b*sin, a*sin+b*cos
		}
	}
	return y
}

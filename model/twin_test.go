package model

import (
	"fmt"
	"math"
	"slices"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model/arch"
)

// rows are word-vectors of a twin.
type rows [][]float64

// A twin is a network by its equations, in loops as naive as they come: all rows of a
// batch without padding, through encoders that keep every word-vector. It drops what the
// network drops, by masks that are functions of the run's seed and the place, which are
// counted in the order of the equations. Of the network as data it takes the names
// alone: rates, eps and activations are the configuration's.
type twin struct {
	c      *arch.Config
	p      *Params[float64]
	b      *Batch
	train  bool
	site   uint64
	places []noted
}

// noted is what a network has in some place.
type noted struct {
	name   string
	values []float64
}

// note keeps what there is in a place.
func (w *twin) note(x rows, format string, args ...any) rows {
	w.places = append(w.places, noted{fmt.Sprintf(format, args...), slices.Concat(x...)})
	return x
}

// run computes the logits.
func (w *twin) run() {
	net := w.c.Net()
	if w.c.ModelType == arch.ModernBERT {
		w.modern(net)
		return
	}
	x := w.drop(w.norm(w.embed(&net.Embedding), net.Embedding.Norm.Name), w.c.HiddenDropoutProb)
	if m := net.Embedding.Mapping; m != nil {
		x = w.linear(x, m.Name)
	}
	w.note(x, "embedding")
	for j := range net.Blocks {
		x = w.encoder(x, j, &net.Blocks[j])
	}
	if net.Head.Masked {
		w.note(w.guess(x, net), "logits")
		return
	}
	var first rows
	for s := range w.b.Sequences() {
		first = append(first, x[w.b.Offsets[s]])
	}
	f := math.Tanh
	switch w.c.ModelType {
	case arch.DistilBERT:
		f = func(x float64) float64 { return max(x, 0) }
	case arch.RoBERTa, arch.MPNet:
		first = w.drop(first, w.headDropout())
	case arch.ELECTRA:
		first, f = w.drop(first, w.headDropout()), gelu
	}
	pooled := w.note(each(w.linear(first, net.Head.Dense.Name), f), "pooled")
	w.note(w.linear(w.drop(pooled, w.headDropout()), net.Head.Output.Name), "logits")
}

// headDropout is the rate of the classifier.
func (w *twin) headDropout() float64 {
	if w.c.ModelType == arch.MPNet {
		return w.c.HiddenDropoutProb
	}
	return w.c.HeadDropout()
}

// embed is word[id] + position[i] + type[t], the last where tokens have types. Positions of
// RoBERTa and MPNet count the tokens that are not padding, from behind its own.
func (w *twin) embed(e *arch.Embedding) (x rows) {
	row := func(t arch.Table, i int32) rows { return rows{w.p.Slice(t.Name)[int(i)*t.Width : int(i+1)*t.Width]} }
	pad, counted := map[string]int32{arch.RoBERTa: 5, arch.MPNet: 1}[w.c.ModelType], int32(0)
	for i, id := range w.b.IDs {
		place := w.b.Positions[i]
		if place == 0 {
			counted = 0
		}
		if pad > 0 && id != pad {
			counted++
			place = pad + counted
		} else if pad > 0 {
			place = pad
		}
		both := sum(row(e.Words, id), row(e.Positions, place))
		if w.c.TypeVocabSize > 0 {
			both = sum(both, row(e.Types, w.b.Types[i]))
		}
		x = append(x, both...)
	}
	return x
}

// encoder is LN(Y + drop(GELU(Y·W_1)·W_2)) with Y = LN(X + drop(Attention(X)·W_o)).
func (w *twin) encoder(x rows, j int, e *arch.Block) rows {
	o := w.linear(w.attention(x, &e.Attention), e.Attention.Output.Name)
	if w.c.ModelType == arch.DistilBERT {
		w.site++ // a place that never drops
	} else {
		o = w.drop(o, w.c.HiddenDropoutProb)
	}
	y := w.note(w.norm(sum(x, o), e.Attention.Norm.Name), "feed-forward input of encoder %d", j+1)
	z := w.drop(w.linear(each(w.linear(y, e.FFN.In.Name), w.gelu), e.FFN.Out.Name), w.c.HiddenDropoutProb)
	return w.note(w.norm(sum(y, z), e.FFN.Norm.Name), "output of encoder %d", j+1)
}

// gelu is x·Φ(x), by erf or by tanh.
func (w *twin) gelu(x float64) float64 {
	if w.c.HiddenAct == "gelu_new" {
		return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
	}
	return gelu(x)
}

func gelu(x float64) float64 { return x / 2 * (1 + math.Erf(x/math.Sqrt2)) }

// attention is drop(softmax(Q·Kᵀ/√d))·V per sequence and head, the heads side by side.
func (w *twin) attention(x rows, a *arch.Attention) rows {
	q, k, v := w.linear(x, a.Query.Name), w.linear(x, a.Key.Name), w.linear(x, a.Value.Name)
	return w.attend(q, k, v, func(h, distance int) float64 {
		if r := a.Relative; r != nil {
			return w.p.Slice(r.Table.Name)[int(r.Rows()[r.Furthest+distance])*w.c.NumAttentionHeads+h]
		}
		return 0
	})
}

// attend is attention with a bias by head and distance.
func (w *twin) attend(q, k, v rows, bias func(h, distance int) float64) rows {
	d := w.c.HiddenSize / w.c.NumAttentionHeads
	var probs rows // a row per sequence, head and query
	w.heads(func(from, to, h, query int) {
		var p []float64
		total := 0.0
		for key := from; key < to; key++ {
			score := dot(q[query][h*d:(h+1)*d], k[key][h*d:(h+1)*d])/math.Sqrt(float64(d)) + bias(h, key-query)
			p = append(p, math.Exp(score))
			total += p[key-from]
		}
		for i := range p {
			p[i] /= total
		}
		probs = append(probs, p)
	})
	probs = w.drop(probs, w.c.AttentionProbsDropoutProb)
	y := make(rows, len(q))
	w.heads(func(from, to, h, query int) {
		p := probs[0]
		probs = probs[1:]
		for c := h * d; c < (h+1)*d; c++ {
			var column []float64
			for key := from; key < to; key++ {
				column = append(column, v[key][c])
			}
			y[query] = append(y[query], dot(p, column))
		}
	})
	return y
}

// heads calls f for every sequence, which has rows from ≤ i < to, head and query.
func (w *twin) heads(f func(from, to, h, query int)) {
	for s := range w.b.Sequences() {
		from, to, _ := w.b.Bounds(s)
		for h := range w.c.NumAttentionHeads {
			for query := from; query < to; query++ {
				f(from, to, h, query)
			}
		}
	}
}

// guess is LN(GELU(x·W))·Wordsᵀ + c at the masked positions.
func (w *twin) guess(x rows, net *arch.Net) (logits rows) {
	var masked rows
	for _, i := range w.b.Masked {
		masked = append(masked, x[i])
	}
	m := w.norm(each(w.linear(masked, net.Head.Dense.Name), w.gelu), net.Head.Norm.Name)
	words, bias := w.p.Slice(net.Embedding.Words.Name), w.p.Slice(net.Head.Output.Bias())
	for _, row := range m {
		var y []float64
		for id, c := range bias {
			y = append(y, c+dot(row, words[id*len(row):(id+1)*len(row)]))
		}
		logits = append(logits, y)
	}
	return logits
}

// linear is x·Wᵀ + b, without b where there is none.
func (w *twin) linear(x rows, name string) (y rows) {
	weight, bias := w.p.Slice(name+".weight"), w.p.Slice(name+".bias")
	if bias == nil {
		bias = make([]float64, len(weight)/len(x[0]))
	}
	for _, row := range x {
		var out []float64
		for j, b := range bias {
			out = append(out, b+dot(row, weight[j*len(row):(j+1)*len(row)]))
		}
		y = append(y, out)
	}
	return y
}

// norm is γ·(x − mean)/√(var + eps) + β.
func (w *twin) norm(x rows, name string) (y rows) {
	gamma, beta := w.p.Slice(name+".weight"), w.p.Slice(name+".bias")
	if beta == nil {
		beta = make([]float64, len(gamma))
	}
	for _, row := range x {
		mean, deviation := moments(row)
		var out []float64
		for k, v := range row {
			out = append(out, gamma[k]*(v-mean)/math.Sqrt(deviation*deviation+w.c.LayerNormEps)+beta[k])
		}
		y = append(y, out)
	}
	return y
}

// drop is dropout in the next place.
func (w *twin) drop(x rows, rate float64) (y rows) {
	w.site++
	if !w.train {
		return x
	}
	all := slices.Concat(x...)
	kernel.Dropout(all, all, rate, kernel.Mix(w.b.Seed, w.site), 0)
	for _, row := range x {
		y = append(y, all[:len(row)])
		all = all[len(row):]
	}
	return y
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func sum(a, b rows) (y rows) {
	for i := range a {
		var row []float64
		for k := range a[i] {
			row = append(row, a[i][k]+b[i][k])
		}
		y = append(y, row)
	}
	return y
}

func each(x rows, f func(float64) float64) (y rows) {
	for _, row := range x {
		var out []float64
		for _, v := range row {
			out = append(out, f(v))
		}
		y = append(y, out)
	}
	return y
}

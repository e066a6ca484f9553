package model

import (
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model/arch"
)

// frozenConfigs are models of widths that panels fill, and of others.
func frozenConfigs() map[string]arch.Config {
	bert, albert := identityConfig(), identityALBERT()
	all := map[string]arch.Config{"BERT, odd": bert, "ALBERT, odd": albert}
	bert.HiddenSize, bert.IntermediateSize, bert.NumAttentionHeads = 96, 160, 2
	albert.HiddenSize, albert.IntermediateSize, albert.NumAttentionHeads, albert.EmbeddingSize = 96, 160, 2, 64
	all["BERT"], all["ALBERT"] = bert, albert
	bert.SetMaskedLM()
	all["masked tokens"] = bert
	for name, c := range modernConfigs() {
		c = c.Picked(4, func(j int) int { return j % 3 })
		all[name+", odd"] = c
		c.HiddenSize, c.IntermediateSize, c.NumAttentionHeads = 96, 80, 2
		all[name] = c
	}
	return all
}

// A network over frozen parameters has the bits of one over those that train.
func TestFrozenChangesNoBits(t *testing.T) {
	tol := 0.0
	if kernel.Backend() == "openblas" {
		tol = 1e-5
	}
	uses := map[string]Use{"dense": {}, "full": {Full: true}, "hard": {Elimination: keep(9, 7, 5, 2)}}
	for name, c := range frozenConfigs() {
		for kind, use := range uses {
			if c.MaskedLM() && kind == "hard" {
				continue
			}
			run := func(w Weights[float32]) []float64 {
				n := filled(t, c, w, nil, use, 13, 2, 7)
				if c.MaskedLM() {
					n.Batch.Masked, n.Batch.Labels = []int32{3, 14, 20}, []int{1, 2, 3}
				}
				if err := n.Forward(); err != nil {
					t.Fatal(err)
				}
				var wide []float64
				for _, v := range Values[float32](n.Logits) {
					wide = append(wide, float64(v))
				}
				return wide
			}
			p := NewParams[float32](c)
			p.Init(4)
			want := run(p)
			wantSame(t, name+", "+kind, run(p.Freeze()), want, tol)
		}
	}
}

// Q, K and V are one matrix or several, as a network asks; what no linear layer
// multiplies stays in the arena.
func TestFrozenHandsOutWeights(t *testing.T) {
	const self = "bert.encoder.layer.1.attention.self."
	p := NewParams[float64](small())
	p.Init(1)
	arena, bias := p.Arena(), p.Slice(self+"key.bias")
	x, y := []float64{1, -2, 3, 0.5, -1, 4}, make([]float64, 12)
	kernel.Rows[float64]{Data: p.Span(self+"key.weight", self+"value.weight"), Out: 12, In: 6}.Affine(y, x, make([]float64, 12), 1, nil)
	f := p.Freeze()
	layer := func(name string) arch.Linear { return arch.Linear{Name: name, In: 6, Out: 6} }
	for _, c := range []struct {
		first, last string
		out         int
	}{{"query", "value", 18}, {"query", "query", 6}, {"key", "value", 12}} {
		if out, in := f.Matrix(layer(self+c.first), layer(self+c.last)).Shape(); out != c.out || in != 6 {
			t.Errorf("from %s to %s the weights are (%d, %d), want (%d, 6)", c.first, c.last, out, in, c.out)
		}
	}
	got := make([]float64, 12)
	f.Matrix(layer(self+"key"), layer(self+"value")).Affine(got, x, make([]float64, 12), 1, nil)
	if !slices.Equal(got, y) {
		t.Errorf("the product with K and V is %v, want %v", got, y)
	}
	for _, names := range [][2]string{{self + "value", self + "query"}, {self + "query", "classifier"}, {"none", "none"}, {"bert.embeddings.word_embeddings", "bert.embeddings.word_embeddings"}} {
		if m := f.Matrix(layer(names[0]), layer(names[1])); m != nil {
			t.Errorf("from %s to %s there is a matrix", names[0], names[1])
		}
	}
	if f.Span(self+"query.weight", self+"value.weight") != nil || f.Span(self+"key.weight", self+"key.bias") != nil {
		t.Error("the weights of a matrix have a span")
	}
	if b := f.Span(self+"key.bias", self+"key.bias"); &b[0] != &bias[0] {
		t.Error("a bias has moved")
	}
	if words := f.Span("bert.embeddings.word_embeddings.weight", "bert.embeddings.word_embeddings.weight"); &words[0] != &arena[0] {
		t.Error("the word embeddings have moved")
	}
}

// Freezing takes no second copy of the weights, and what is frozen does not train.
func TestFreezeIsInPlaceAndForGood(t *testing.T) {
	c := frozenConfigs()["BERT"]
	c.HiddenSize, c.IntermediateSize, c.NumAttentionHeads = 256, 1024, 4
	p := NewParams[float32](c)
	size := float64(4 * len(p.Arena()))
	var f *Frozen[float32]
	if took := bytesOf(func() { f = p.Freeze() }, 1); took > size/4 {
		t.Errorf("freezing %.0f bytes takes %.0f more", size, took)
	}
	const want = "model: the parameters are frozen, which is for inference only; load them anew to train"
	if _, err := NewNet(c, f, nil, Use{Train: true}); err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
	if _, err := NewNet(c, p, nil, Use{}); err == nil {
		t.Error("a network reads parameters that gave their memory away")
	}
}

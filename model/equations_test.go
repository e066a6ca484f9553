package model

import (
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/model/arch"
)

// The twin itself makes PyTorch's logits.
func TestGoldenTwin(t *testing.T) {
	for _, c := range goldenCases() {
		if c.name != "dense" && c.name != "albert_dense" {
			continue
		}
		c.use = Use{}
		n, p, _ := goldenNet[float64](t, gradcheck.Golden, c, false)
		w := twin{c: &n.config, p: p, b: n.Batch}
		w.run()
		gradcheck.Match(t, gradcheck.Golden(t, c.name), "logits", w.places[len(w.places)-1].values, gradcheck.Tolerance64)
	}
}

// twinConfigs are models of odd sizes whose every rate of dropout is another, and an eps
// that no LayerNorm can ignore.
func twinConfigs() map[string]arch.Config {
	bert, albert := identityConfig(), identityALBERT()
	for _, c := range []*arch.Config{&bert, &albert} {
		rate := 0.4
		c.HiddenDropoutProb, c.AttentionProbsDropoutProb, c.LayerNormEps, c.TypeVocabSize = 0.2, 0.3, 0.07, 3
		c.ClassifierDropout, c.ClassifierDropoutProb = &rate, nil
	}
	masked := bert.Clone()
	masked.SetMaskedLM()
	all := map[string]arch.Config{"BERT": bert, "ALBERT": albert, "masked tokens": masked}
	for _, modelType := range []string{arch.RoBERTa, arch.DistilBERT, arch.ELECTRA, arch.MPNet} {
		c := arch.FamilyOf(modelType).Defaults()
		rate := 0.4
		c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = bert.VocabSize, 15, 3, 3, 22
		c.HiddenDropoutProb, c.AttentionProbsDropoutProb, c.LayerNormEps, c.ClassifierDropout = 0.2, 0.3, 0.07, &rate
		c.TypeVocabSize, c.EmbeddingSize = 3*min(c.TypeVocabSize, 1), min(c.EmbeddingSize, 7)
		c.SetLongest(17, 5)
		c.SetLabels([]string{"a", "b", "c"})
		all[modelType] = c
	}
	maps.Copy(all, modernConfigs())
	return all
}

// In training as in inference a network has in every place what its twin has: dropout
// at its rate where the equations drop, eps in every LayerNorm, and the types of tokens.
func TestNetIsItsEquations(t *testing.T) {
	for name, c := range twinConfigs() {
		for _, train := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/train=%v", name, train), func(t *testing.T) {
				p := randomParams(c)
				n := filled(t, c, p, nil, Use{Train: train, Full: true, Inspect: true}, 13, 1, 6)
				for i := range n.Batch.Types {
					n.Batch.Types[i] = int32(i*i) % 3
				}
				n.Batch.IDs[4], n.Batch.IDs[9], n.Batch.IDs[15] = 1, 5, 5
				if c.MaskedLM() {
					n.Batch.Masked, n.Batch.Labels = []int32{2, 13, 18}, []int{5, 0, 7}
				}
				if err := n.Forward(); err != nil {
					t.Fatal(err)
				}
				w := twin{c: &c, p: p, b: n.Batch, train: train}
				w.run()
				matchPlaces(t, n, w.places)
			})
		}
	}
}

// matchPlaces wants a network to have the same in all places, and stops at the first
// that differs.
func matchPlaces(t *testing.T, n *Net[float64], want []noted) {
	t.Helper()
	got := [][]float64{Values[float64](n.embedded)}
	for _, e := range n.Encoders {
		got = append(got, Values[float64](e.FFNInput), Values[float64](e.Output))
	}
	if n.Pooled != nil {
		got = append(got, Values[float64](n.Pooled))
	}
	got = append(got, Values[float64](n.Logits))
	for i, w := range want {
		if err := gradcheck.Differ([]int{len(w.values)}, got[i], w.values, 1e-11); err != nil {
			t.Fatalf("%s %v", w.name, err)
		}
	}
}

// NotFinite names the first place that a weight spoils.
func TestNotFiniteNamesThePlace(t *testing.T) {
	c := identityConfig()
	net := c.Net()
	for want, name := range map[string]string{
		"":                                "",
		"embedding":                       net.Embedding.Norm.Bias(),
		"attention of encoder 2":          net.Blocks[1].Attention.Value.Bias(),
		"feed-forward input of encoder 3": net.Blocks[2].Attention.Norm.Bias(),
		"output of encoder 1":             net.Blocks[0].FFN.Norm.Bias(),
		"logits":                          net.Head.Output.Bias(),
	} {
		p := randomParams(c)
		if name != "" {
			p.Slice(name)[1] = math.Inf(1)
		}
		n := filled(t, c, p, nil, Use{Train: true}, 13, 2, 7)
		if got, err := n.NotFinite(); err != nil || got != want {
			t.Errorf("with infinity in %q: got %q, error %v, want %q", name, got, err, want)
		}
	}
}

// NotFinite runs the batch again, and reports one that cannot be run.
func TestNotFiniteOfABadBatch(t *testing.T) {
	c := identityConfig()
	n := filled(t, c, randomParams(c), nil, Use{}, 3)
	n.Batch.IDs[1] = 99
	if place, err := n.NotFinite(); place != "" || err == nil || !strings.Contains(err.Error(), "token id 99") {
		t.Errorf("got %q, error %v", place, err)
	}
	n.Batch.Reset()
	if place, err := n.NotFinite(); place != "" || err != nil {
		t.Errorf("of an empty batch: got %q, error %v", place, err)
	}
}

package model

import (
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/model/arch/archtest"
	"github.com/powerbert/powerbert/retention"
)

// A network holds as much as Activations foretells, within a tenth.
func TestActivations(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine alone: nothing for the race detector")
	}
	c := arch.DefaultBERT()
	c.NumHiddenLayers, c.HiddenSize, c.NumAttentionHeads, c.IntermediateSize = 6, 96, 6, 250
	c.VocabSize, c.MaxPositionEmbeddings = 50, memoryLength
	modern := arch.FamilyOf(arch.ModernBERT).Defaults()
	modern.NumHiddenLayers, modern.HiddenSize, modern.NumAttentionHeads, modern.IntermediateSize = 6, 96, 6, 130
	modern.VocabSize, modern.MaxPositionEmbeddings, modern.Extra = 50, memoryLength, map[string]json.RawMessage{"local_attention": json.RawMessage("40")}
	mean := modern.Clone()
	mean.Extra["classifier_pooling"], mean.HiddenDropoutProb, mean.AttentionProbsDropoutProb = json.RawMessage(`"mean"`), 0.1, 0.1
	for name, c := range map[string]arch.Config{"BERT": c, "ModernBERT": modern, "ModernBERT, mean": mean} {
		t.Run(name, func(t *testing.T) { foretells(t, c) })
	}
}

// foretells compares what networks of a model hold with what is foretold.
func foretells(t *testing.T, c arch.Config) {
	p := NewParams[float32](c)
	p.Init(1)
	fixed := retention.Configuration{MaxLength: memoryLength, Strategy: retention.StrategyRandom, Positions: retention.DrawPositions(memoryLength, 5)}
	for name, e := range map[string]retention.Elimination{
		"dense":    {},
		"hard":     {Keep: []int{90, 70, 50, 40, 12, 1}, Length: memoryLength},
		"relative": {Keep: []int{120, 90, 60, 30, 20, 5}, Length: memoryLength, Relative: true},
		"drawn":    {Keep: []int{90, 70, 50, 40, 12, 1}, Length: memoryLength, Draw: fixed.Draw(memoryLength)},
		"soft":     {Soft: true, Length: memoryLength, Lambda: 0.1},
	} {
		for _, use := range []Use{{Elimination: e, Train: true}, {Elimination: e, Train: true, Full: true}, {Elimination: e}, {Elimination: e, Inspect: true}, {Elimination: e, Inspect: true, Full: true}} {
			for _, batch := range []struct {
				lengths []int
				padTo   int
			}{
				{slices.Repeat([]int{memoryLength}, 5), 0},
				{[]int{3, 60, 20, 31, 9, 40, 12, 120, 77, 5, 8, 90, 33, 18, 22, 41}, 0},
				{[]int{3, 60, 20, 31, 9, 40, 12}, 128},
			} {
				name := fmt.Sprintf("%s, train %v, full %v, inspected %v, %d sequences padded to %d", name, use.Train, use.Full, use.Inspect, len(batch.lengths), batch.padTo)
				want := c.Net().Activations(use.Pass(), batch.lengths, batch.padTo)
				got := heldBy(t, c, p, use, batch.lengths, batch.padTo)
				if math.Abs(float64(want-got)) > 0.1*float64(got) {
					t.Errorf("%s: the network holds %d values, foretold are %d", name, got, want)
				}
			}
		}
	}
}

// So does one that guesses masked tokens, be its vocabulary small or large.
func TestMaskedActivations(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine alone: nothing for the race detector")
	}
	c := arch.DefaultBERT()
	c.HiddenSize, c.NumAttentionHeads, c.IntermediateSize, c.MaxPositionEmbeddings = 96, 6, 250, memoryLength
	c.SetMaskedLM()
	// A product takes memory that serves all later ones: as much as runs at once.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	heldBy(t, c, NewParams[float32](c), Use{Train: true}, []int{60}, 0)
	for _, c.NumHiddenLayers = range []int{1, 2, 5} {
		for _, c.VocabSize = range []int{50, 3000} {
			p := NewParams[float32](c)
			p.Init(1)
			for _, train := range []bool{true, false} {
				lengths, masked := []int{60, 31, 57, 120, 18}, 0
				for _, n := range lengths {
					masked += (n + 6) / 7
				}
				net, use := c.Net(), Use{Train: train}
				want := net.Activations(use.Pass(), lengths, 0) + net.MaskedActivations(train, masked)
				got := heldBy(t, c, p, use, lengths, 0)
				if math.Abs(float64(want-got)) > 0.1*float64(got) {
					t.Errorf("%d encoders, vocabulary of %d, train %v: the network holds %d values, foretold are %d", c.NumHiddenLayers, c.VocabSize, train, got, want)
				}
			}
		}
	}
}

const memoryLength = 200

// heldBy is the values that a network comes to hold by running a batch, the sum
// of its gradients left out.
func heldBy(t *testing.T, c arch.Config, p *Params[float32], use Use, lengths []int, padTo int) int {
	n, err := NewNet(c, p, NewSoftExtract[float32](c.NumHiddenLayers, memoryLength), use)
	if err != nil {
		t.Fatal(err)
	}
	for i, length := range lengths {
		n.Batch.AddSequence(make([]int32, length), make([]int32, length), padTo, i%2)
	}
	if c.MaskedLM() {
		n.Batch.Labels = n.Batch.Labels[:0]
		for s := range lengths {
			from, to, _ := n.Batch.Bounds(s)
			for at := from; at < to; at += 7 {
				n.Batch.Masked, n.Batch.Labels = append(n.Batch.Masked, int32(at)), append(n.Batch.Labels, at%c.VocabSize)
			}
		}
	}
	if !use.Train {
		return archtest.Held(t, n.Forward)
	}
	g := gradientsOf(t, n)
	return archtest.Held(t, func() error { return g.Run(1, false, nil) })
}

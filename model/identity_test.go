package model

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// The exact identities of PoWER-BERT, on a random network of odd sizes: no two
// dimensions are equal, so that swapped ones cannot pass.

const identityN = 13 // N

func identityConfig() arch.Config {
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads = 37, 15, 4, 3
	c.IntermediateSize, c.MaxPositionEmbeddings = 22, 17
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0, 0
	c.SetLabels([]string{"a", "b", "c"})
	return c
}

// identityNet is a network over random weights, the same for every use, run on
// sequences of 13, 1, 9 and 4 tokens.
func identityNet(t *testing.T, use Use, padTo int) *Net[float64] {
	t.Helper()
	c, random := identityConfig(), rand.New(rand.NewPCG(3, 1))
	p := NewParams[float64](c)
	for i := range p.Arena() {
		p.Arena()[i] = 0.4 * random.NormFloat64()
	}
	n, err := NewNet(c, p, NewSoftExtract[float64](c.NumHiddenLayers, identityN), use)
	if err != nil {
		t.Fatal(err)
	}
	for s, length := range []int{identityN, 1, 9, 4} {
		ids := make([]int32, length)
		for i := range ids {
			ids[i] = int32(random.IntN(c.VocabSize))
		}
		n.Batch.AddSequence(ids, make([]int32, length), padTo, s%3)
	}
	n.Batch.Weight, n.Batch.Penalty = 0.25, 1
	if err := n.Forward(); err != nil {
		t.Fatal(err)
	}
	return n
}

func logits(n *Net[float64]) []float64 { return slices.Clone(Values[float64](n.Logits)) }

func keep(l ...int) retention.Elimination { return retention.Elimination{Keep: l, Length: identityN} }

// wantSame wants the same bits, or values within tol.
func wantSame(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if tol == 0 && !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want exactly %v", what, got, want)
	}
	gradcheck.Close(t, what, got, want, tol)
}

func TestKeepingEverythingIsBERT(t *testing.T) {
	want := logits(identityNet(t, Use{Full: true}, 0))
	all := identityNet(t, Use{Full: true, Elimination: keep(13, 13, 13, 13)}, 0)
	wantSame(t, "l = (N, …, N)", logits(all), want, 0)
	relative := keep(13, 13, 13, 13)
	relative.Relative = true
	wantSame(t, "l = (N, …, N), relative", logits(identityNet(t, Use{Full: true, Elimination: relative}, 0)), want, 0)
}

// drawn is keep with the positions of an order.
func drawn(order []int, l ...int) retention.Elimination {
	e := keep(l...)
	r := retention.Configuration{MaxLength: identityN, Strategy: retention.StrategyRandom, Positions: order}
	e.Draw = r.Draw(identityConfig().MaxPositionEmbeddings)
	return e
}

func TestStaticStrategiesOfEverythingAreBERT(t *testing.T) {
	want := logits(identityNet(t, Use{Full: true}, 0))
	for _, order := range [][]int{nil, retention.DrawPositions(identityN, 1)} {
		for _, relative := range []bool{false, true} {
			e := drawn(order, 13, 13, 13, 13)
			e.Relative = relative
			wantSame(t, "l = (N, …, N) of a static strategy", logits(identityNet(t, Use{Full: true, Elimination: e}, 0)), want, 0)
		}
	}
}

func TestDrawnPositionsAreNestedAndInOrder(t *testing.T) {
	for seed := range uint64(20) {
		order := retention.DrawPositions(identityN, seed)
		n := identityNet(t, Use{Full: true, Elimination: drawn(order, 9, 6, 5, 2)}, 0)
		before := n.Batch.Positions[:identityN]
		for j, enc := range n.Encoders {
			out := enc.Selection.Out()
			_, to, _ := out.Bounds(0)
			kept := out.Positions[:to]
			if len(kept) != []int{9, 6, 5, 2}[j] || kept[0] != 0 || !slices.IsSorted(kept) {
				t.Errorf("seed %d: encoder %d keeps the positions %v", seed, j+1, kept)
			}
			for _, p := range kept {
				if !slices.Contains(before, p) {
					t.Errorf("seed %d: position %d is back in encoder %d", seed, p, j+1)
				}
			}
			before = kept
		}
	}
	if slices.Equal(retention.DrawPositions(identityN, 1), retention.DrawPositions(identityN, 2)) || !slices.Equal(retention.DrawPositions(identityN, 1), retention.DrawPositions(identityN, 1)) {
		t.Error("the draw is not of its seed")
	}
}

func TestAllOnesIsBERT(t *testing.T) {
	want := logits(identityNet(t, Use{Full: true}, 0))
	for _, relative := range []bool{false, true} {
		use := Use{Elimination: retention.Elimination{Soft: true, Length: identityN, Relative: relative}}
		tol := 0.0
		if relative {
			tol = 1e-12 // a mean of ones is 1 up to rounding
		}
		wantSame(t, "r ≡ 1", logits(identityNet(t, use, 0)), want, tol)
	}
}

func TestLastRetentionDoesNotMatter(t *testing.T) {
	want := logits(identityNet(t, Use{Full: true, Elimination: keep(9, 7, 5, 5)}, 0))
	for l := 1; l < 5; l++ {
		got := logits(identityNet(t, Use{Full: true, Elimination: keep(9, 7, 5, l)}, 0))
		wantSame(t, "another l_L", got, want, 1e-12)
	}
	short := logits(identityNet(t, Use{Elimination: keep(9, 7, 5, 5)}, 0))
	wantSame(t, "the last encoder for [CLS] alone", short, want, 1e-12)
	wantSame(t, "the same in BERT", logits(identityNet(t, Use{}, 0)), logits(identityNet(t, Use{Full: true}, 0)), 1e-12)
}

// In training, too: every gradient is the same when the last encoder computes
// [CLS] alone.
func TestLastEncoderAloneHasTheSameGradients(t *testing.T) {
	grads := func(full bool, e retention.Elimination) []float64 {
		n := identityNet(t, Use{Train: true, Full: full, Elimination: e}, 0)
		g := gradientsOf(t, n)
		if err := g.Run(1, false, nil); err != nil {
			t.Fatal(err)
		}
		return append(g.Theta, g.R...)
	}
	for _, e := range []retention.Elimination{{}, keep(9, 7, 5, 5), drawn(retention.DrawPositions(identityN, 1), 9, 7, 5, 5), {Soft: true, Length: identityN, Lambda: 0.1},
		{Soft: true, Length: identityN, Relative: true, ProtectCLS: true}} {
		wantSame(t, "gradients", grads(false, e), grads(true, e), 1e-11)
	}
}

// Early gather gives the rows that extraction after Add & LayerNorm would keep.
func TestEarlyGatherIsExtractionAfterTheNorm(t *testing.T) {
	dense, hard := identityNet(t, Use{Full: true, Inspect: true}, 0), identityNet(t, Use{Full: true, Inspect: true, Elimination: keep(6, 5, 4, 3)}, 0)
	first := hard.Encoders[0]
	if got, want := len(first.Selection.Kept), 6+1+6+4; got != want {
		t.Fatalf("encoder 1 keeps %d rows, want %d", got, want)
	}
	h := identityConfig().HiddenSize
	want := make([]float64, len(first.Selection.Kept)*h)
	kernel.Gather(want, Values[float64](dense.Encoders[0].FFNInput), h, first.Selection.Kept)
	wantSame(t, "rows kept by encoder 1", Values[float64](first.FFNInput), want, 1e-12)
}

func TestPaddingChangesNothing(t *testing.T) {
	relative, diagonal := keep(9, 7, 5, 5), keep(9, 7, 5, 5)
	relative.Relative, diagonal.SubtractDiagonal = true, true
	head, random := drawn(nil, 9, 7, 5, 5), drawn(retention.DrawPositions(identityN, 1), 9, 7, 5, 5)
	random.Relative = true
	values := relative
	values.Score = retention.ScoreValue
	for _, e := range []retention.Elimination{{}, keep(9, 7, 5, 5), relative, diagonal, values, head, random, drawn(retention.DrawPositions(identityN, 2), 9, 7, 5, 5),
		{Soft: true, Length: identityN}, {Soft: true, Length: identityN, Relative: true}, {Soft: true, Length: identityN, Score: retention.ScoreValue}} {
		for _, padTo := range []int{identityN, identityN + 3} {
			if e.Soft && padTo > identityN {
				continue // r has no rank beyond N
			}
			packed, padded := identityNet(t, Use{Elimination: e}, 0), identityNet(t, Use{Elimination: e}, padTo)
			wantSame(t, "padded", logits(padded), logits(packed), 1e-12)
		}
	}
}

// Every query that votes hands out one vote per head: to the real word-vectors.
func TestVotesAddUp(t *testing.T) {
	heads := float64(identityConfig().NumAttentionHeads)
	for _, paddingVotes := range []bool{false, true} {
		e := keep(9, 7, 5, 5)
		e.PadQueriesVote = paddingVotes
		sel := identityNet(t, Use{Elimination: e}, identityN).Encoders[0].Selection
		for s := range sel.In.Sequences() {
			from, to, voters := sel.In.Bounds(s)
			if paddingVotes {
				voters = to - from
			}
			sum := 0.0
			for _, v := range sel.Sig[from:to] {
				sum += v
			}
			wantSame(t, "votes of a sequence", []float64{sum}, []float64{heads * float64(voters)}, 1e-12)
		}
	}
}

func TestExtractionKeepsCLSInOrder(t *testing.T) {
	for _, relative := range []bool{false, true} {
		e := keep(9, 6, 5, 2)
		e.Relative = relative
		n := identityNet(t, Use{Full: true, Elimination: e}, identityN)
		for j, enc := range n.Encoders {
			sel, out := enc.Selection, enc.Selection.Out()
			for s := range out.Sequences() {
				from, to, _ := out.Bounds(s)
				kept := sel.Kept[from:to]
				if int(kept[0]) != sel.In.Offsets[s] || !slices.IsSorted(kept) {
					t.Errorf("encoder %d, sequence %d keeps rows %v of those from %d", j+1, s, kept, sel.In.Offsets[s])
				}
			}
		}
	}
}

func TestNewNetRefusesWhatDoesNotFit(t *testing.T) {
	c := identityConfig()
	p := NewParams[float64](c)
	for _, use := range []Use{{Elimination: retention.Elimination{Soft: true}}, {Elimination: retention.Elimination{Keep: []int{3}}}} {
		if _, err := NewNet[float64](c, p, nil, use); err == nil {
			t.Errorf("%+v: no error", use)
		}
	}
}

// A batch that an op could not read is refused before one tries: an op runs where no
// panic can be caught. Labels count where there is a loss.
func TestForwardRefusesBatchesThatDoNotFit(t *testing.T) {
	c := identityConfig()
	for _, use := range []Use{{}, {Train: true}} {
		n, err := NewNet(c, NewParams[float64](c), nil, use)
		if err != nil {
			t.Fatal(err)
		}
		if n.Forward() == nil {
			t.Error("an empty batch runs")
		}
		for want, fill := range map[string]func(){
			"":                           func() { n.Batch.AddSequence([]int32{36}, []int32{1}, 17, 2) },
			"token id 99":                func() { n.Batch.AddSequence([]int32{99}, []int32{0}, 0, 0) },
			"token id -1":                func() { n.Batch.AddSequence([]int32{-1}, []int32{0}, 0, 0) },
			"type 7":                     func() { n.Batch.AddSequence([]int32{1}, []int32{7}, 0, 0) },
			"type -1":                    func() { n.Batch.AddSequence([]int32{1}, []int32{-1}, 0, 0) },
			"sequence 0 has 18":          func() { n.Batch.AddSequence([]int32{1}, []int32{0}, 18, 0) },
			"(0 real)":                   func() { n.Batch.AddSequence(nil, nil, 2, 0) },
			"label 0 of the batch is 3,": func() { n.Batch.AddSequence([]int32{1}, []int32{0}, 0, 3) },
		} {
			n.Batch.Reset()
			fill()
			err := n.Forward()
			if fine := want == "" || strings.HasPrefix(want, "label") && !use.Train; fine != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%+v, batch %+v: got error %v, want one about %q", use, n.Batch, err, want)
			}
		}
	}
}

// Sharing memory among the ops changes no bit of logits or gradients, over
// batches of unlike sizes; nor does the number of replicas change which memory
// the sum is in.
func TestSharedMemoryChangesNothing(t *testing.T) {
	for name, e := range map[string]retention.Elimination{"dense": {}, "hard": keep(9, 7, 5, 5), "soft": {Soft: true, Length: identityN, Lambda: 0.1}} {
		run := func(inspect bool) (all []float64) {
			n := identityNet(t, Use{Train: true, Inspect: inspect, Elimination: e}, 0)
			g := gradientsOf(t, n)
			for _, lengths := range [][]int{{3, 8}, {13, 13, 2}, {5}} {
				n.Batch.Reset()
				for _, l := range lengths {
					n.Batch.AddSequence(make([]int32, l), make([]int32, l), 0, 1)
				}
				if err := g.Run(1, false, nil); err != nil {
					t.Fatal(err)
				}
				all = append(append(append(all, logits(n)...), g.Theta...), g.R...)
			}
			return all
		}
		wantSame(t, name, run(false), run(true), 0)
	}
}

// Two replicas add up to what each finds alone, and a round that goes on adds to
// the one before.
func TestReplicasAddUp(t *testing.T) {
	use := Use{Train: true, Elimination: keep(9, 7, 5, 5)}
	a, b := identityNet(t, use, 0), identityNet(t, use, 0)
	b.Batch.Reset()
	b.Batch.AddSequence([]int32{3, 1, 4, 1, 5}, make([]int32, 5), 0, 2)
	alone := func(n *Net[float64]) []float64 {
		n.Batch.Weight = 0.5
		g := gradientsOf(t, n)
		if err := g.Run(1, false, nil); err != nil {
			t.Fatal(err)
		}
		return g.Theta
	}
	want := alone(a)
	for i, v := range alone(b) {
		want[i] += v
	}
	both := gradientsOf(t, a, b)
	for range 2 { // the second round must not add to the first
		if err := both.Run(2, false, nil); err != nil {
			t.Fatal(err)
		}
		wantSame(t, "the sum of two", both.Theta, want, 1e-14)
	}
	if err := both.Run(2, true, nil); err != nil {
		t.Fatal(err)
	}
	for i := range want {
		want[i] *= 2
	}
	wantSame(t, "two rounds", both.Theta, want, 1e-13)
}

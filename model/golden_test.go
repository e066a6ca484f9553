package model

import (
	"fmt"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// goldenCase says how a golden case is computed.
type goldenCase struct {
	name   string
	use    Use
	voting bool // padding queries vote: only the padded run can match
	ragged bool // made sequence by sequence, unpadded
	albert bool // with ALBERT's weights and inputs
}

func goldenCases() []goldenCase {
	const n = 8
	albert := retention.Elimination{Keep: []int{5, 3, 2}, Length: n}
	soft := func(e retention.Elimination) Use {
		e.Soft, e.Length, e.Lambda = true, n, 0.01
		return Use{Elimination: e, Train: true}
	}
	hard := func(e retention.Elimination) Use {
		e.Keep, e.Length = []int{4, 2}, n
		return Use{Elimination: e, Train: true}
	}
	return []goldenCase{
		{name: "dense", use: Use{Train: true}},
		{name: "hard_extract", use: hard(retention.Elimination{PadQueriesVote: true}), voting: true},
		{name: "hard_extract_ibm", use: hard(retention.Elimination{PadQueriesVote: true, SubtractDiagonal: true}), voting: true},
		{name: "hard_extract_validrows", use: hard(retention.Elimination{})},
		{name: "hard_extract_relative", use: hard(retention.Elimination{Relative: true}), ragged: true},
		{name: "soft_extract", use: soft(retention.Elimination{PadQueriesVote: true}), voting: true},
		{name: "soft_extract_ibm", use: soft(retention.Elimination{PadQueriesVote: true, SubtractDiagonal: true}), voting: true},
		{name: "soft_extract_clsfirst", use: soft(retention.Elimination{PadQueriesVote: true, ProtectCLS: true}), voting: true},
		{name: "soft_extract_validrows", use: soft(retention.Elimination{})},
		{name: "soft_extract_relative", use: soft(retention.Elimination{Relative: true})},
		{name: "hard_extract_value", use: hard(retention.Elimination{Score: retention.ScoreValue})},
		{name: "hard_extract_value_relative", use: hard(retention.Elimination{Score: retention.ScoreValue, Relative: true}), ragged: true},
		{name: "soft_extract_value_ibm", use: soft(retention.Elimination{Score: retention.ScoreValue, PadQueriesVote: true, SubtractDiagonal: true}), voting: true},
		{name: "soft_extract_value_relative", use: soft(retention.Elimination{Score: retention.ScoreValue, Relative: true})},
		{name: "albert_dense", use: Use{Train: true}, albert: true},
		{name: "albert_hard_extract", use: Use{Train: true, Elimination: albert}, albert: true},
		{name: "albert_soft_extract", use: soft(retention.Elimination{}), albert: true},
	}
}

// Every golden case, in both precisions, padded and packed, with the last
// encoder in full and for [CLS] alone.
func TestGoldenCases(t *testing.T) {
	for _, c := range goldenCases() {
		for _, padded := range []bool{true, false} {
			if c.voting && !padded || c.ragged && padded {
				continue
			}
			for _, full := range []bool{true, false} {
				name := fmt.Sprintf("%s/padded=%v/full=%v", c.name, padded, full)
				t.Run(name, func(t *testing.T) {
					c.use.Full, c.use.Inspect = full, true
					runGolden[float64](t, gradcheck.Golden, c, padded)
					runGolden[float32](t, gradcheck.Golden, c, padded)
				})
			}
		}
	}
}

// The same on vectors made by another script, where they are.
func TestReferenceCases(t *testing.T) {
	for _, c := range goldenCases() {
		if c.albert || strings.HasSuffix(c.name, "_relative") || strings.Contains(c.name, "_value") {
			continue // the reference has none of them
		}
		t.Run(c.name, func(t *testing.T) {
			c.use.Full, c.use.Inspect = true, true
			runGolden[float64](t, gradcheck.Reference, c, true)
			runGolden[float32](t, gradcheck.Reference, c, true)
		})
	}
}

func goldenConfig() arch.Config {
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads = 50, 16, 2, 2
	c.IntermediateSize, c.MaxPositionEmbeddings = 32, 16
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0, 0
	return c
}

// goldenALBERT is the model of the cases of ALBERT.
func goldenALBERT() arch.Config {
	c := arch.DefaultALBERT()
	c.VocabSize, c.EmbeddingSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads = 50, 6, 16, 3, 2
	c.IntermediateSize, c.MaxPositionEmbeddings = 22, 11
	*c.ClassifierDropoutProb = 0
	return c
}

// goldenNet is the network of a golden case over the golden weights, its batch
// filled.
func goldenNet[T kernel.Float](t *testing.T, load gradcheck.Load, c goldenCase, padded bool) (*Net[T], *Params[T], *SoftExtract[T]) {
	t.Helper()
	config, prefix := goldenConfig(), ""
	if c.albert {
		config, prefix = goldenALBERT(), "albert_"
	}
	weights, inputs := load(t, prefix+"weights"), load(t, prefix+"inputs")
	p := NewParams[T](config)
	for _, tensor := range p.Tensors() {
		copy(p.Slice(tensor.Name), gradcheck.Cast[T](t, weights, tensor.Name))
	}
	soft := NewSoftExtract[T](config.NumHiddenLayers, 8)
	copy(soft.R, gradcheck.Cast[T](t, inputs, "soft_extract_r"))
	net, err := NewNet(config, p, soft, c.use)
	if err != nil {
		t.Fatal(err)
	}
	fillGolden(t, inputs, net.Batch, padded)
	return net, p, soft
}

// gradientsOf prepares to sum the gradients of networks.
func gradientsOf[T kernel.Float](t testing.TB, nets ...*Net[T]) *Gradients[T] {
	t.Helper()
	g, err := NewGradients(nets...)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func fillGolden(t *testing.T, inputs gradcheck.Case, b *Batch, padded bool) {
	ids, mask, types, labels := inputs.Ints(t, "input_ids"), inputs.Ints(t, "attention_mask"), inputs.Ints(t, "token_type_ids"), inputs.Ints(t, "labels")
	b.Reset()
	for s := range 3 {
		n := 0
		var id, typ []int32
		for i := s * 8; i < (s+1)*8; i++ {
			n += int(mask[i])
			id, typ = append(id, int32(ids[i])), append(typ, int32(types[i]))
		}
		padTo := 0
		if padded {
			padTo = 8
		}
		b.AddSequence(id[:n], typ[:n], padTo, int(labels[s]))
	}
	b.Weight, b.Penalty = 1.0/3, 1
}

func runGolden[T kernel.Float](t *testing.T, load gradcheck.Load, c goldenCase, padded bool) {
	t.Helper()
	net, p, _ := goldenNet[T](t, load, c, padded)
	want, tol := load(t, c.name), gradcheck.Tolerance[T]()
	gradients := gradientsOf(t, net)
	for range 2 { // a second run must not see anything of the first
		if err := gradients.Run(1, false, nil); err != nil {
			t.Fatal(err)
		}
	}
	grad, gradR := gradients.Theta, gradients.R
	gradcheck.Match(t, want, "logits", Values[T](net.Logits), tol)
	gradcheck.Match(t, want, "pooled", Values[T](net.Pooled), tol)
	gradcheck.Match(t, want, "task_loss", Values[T](net.task), tol)
	if c.use.Soft {
		gradcheck.Match(t, want, "reg", Values[T](net.penalty), tol)
		gradcheck.Match(t, want, "grad.soft_extract.r", gradR, tol)
	}
	for _, tensor := range p.Tensors() {
		gradcheck.Match(t, want, "grad."+tensor.Name, grad[tensor.Offset:tensor.Offset+tensor.Size], tol)
	}
	for j := range net.Encoders {
		matchEncoder(t, net, want, j, c, tol)
	}
}

// matchEncoder compares what encoder j (0-based) computed, row by real row.
func matchEncoder[T kernel.Float](t *testing.T, net *Net[T], want gradcheck.Case, j int, c goldenCase, tol float64) {
	t.Helper()
	e, sub := net.Encoders[j], want.Sub(fmt.Sprintf("layer.%d", j))
	out := e.Selection.Out()
	if !e.Selection.OnlyCLS() {
		matchRows(t, sub, "ffn_input", Values[T](e.FFNInput), out, tol)
		matchRows(t, sub, "output", Values[T](e.Output), out, tol)
		matchProbs[T](t, sub, e.Attention, e.Selection.In, tol)
	}
	if !e.Selection.Scores() {
		return
	}
	matchRows(t, sub, "sig", e.Selection.Sig, e.Selection.In, tol)
	if c.use.Soft {
		matchProbs[T](t, sub, e.Attention, e.Selection.In, tol)
		matchIndices(t, sub, "rank", e.Selection.Rank, e.Selection.In)
	} else {
		kept := append([]int32(nil), e.Selection.Kept...)
		for s := range out.Sequences() {
			from, to, _ := out.Bounds(s)
			for i := from; i < to; i++ {
				kept[i] -= int32(e.Selection.In.Offsets[s])
			}
		}
		matchIndices(t, sub, "kept", kept, out)
	}
}

// matchRows compares the real rows of every sequence with a golden tensor
// (B, n, …), whose further rows are padding.
func matchRows[T kernel.Float](t *testing.T, c gradcheck.Case, name string, got []T, l *ops.Layout, tol float64) {
	t.Helper()
	tensor, want := c.Tensor(t, name), c.Floats(t, name)
	n, width := tensor.Shape[1], len(want)/(tensor.Shape[0]*tensor.Shape[1])
	for s := range l.Sequences() {
		from, _, real := l.Bounds(s)
		label := fmt.Sprintf("%s of sequence %d", name, s)
		gradcheck.Close(t, label, got[from*width:(from+real)*width], want[s*n*width:(s*n+real)*width], tol)
	}
}

// matchIndices is matchRows for integers.
func matchIndices(t *testing.T, c gradcheck.Case, name string, got []int32, l *ops.Layout) {
	t.Helper()
	n, want := c.Tensor(t, name).Shape[1], c.Ints(t, name)
	for s := range l.Sequences() {
		from, _, real := l.Bounds(s)
		for i := range real {
			if int(got[from+i]) != want[s*n+i] {
				t.Errorf("%s of sequence %d at %d is %d, want %d", name, s, i, got[from+i], want[s*n+i])
			}
		}
	}
}

// matchProbs compares the attention probabilities among real word-vectors.
func matchProbs[T kernel.Float](t *testing.T, c gradcheck.Case, attention *G.Node, in *ops.Layout, tol float64) {
	t.Helper()
	shape, want := c.Tensor(t, "probs").Shape, c.Floats(t, "probs")
	heads, n := shape[1], shape[2]
	for s := range in.Sequences() {
		from, to, real := in.Bounds(s)
		got, rows := ops.Probs[T](attention, s), to-from
		for h := range heads {
			for q := range real {
				g, w := got[(h*rows+q)*rows:], want[((s*heads+h)*n+q)*n:]
				gradcheck.Close(t, fmt.Sprintf("probs of sequence %d, head %d, query %d", s, h, q), g[:real], w[:real], tol)
			}
		}
	}
}

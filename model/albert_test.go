package model

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/diff/fd"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/safetensors"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// identityALBERT is identityConfig as an ALBERT.
func identityALBERT() arch.Config {
	c := arch.DefaultALBERT()
	c.VocabSize, c.EmbeddingSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads = 37, 8, 15, 4, 3
	c.IntermediateSize, c.MaxPositionEmbeddings = 22, 17
	*c.ClassifierDropoutProb = 0
	c.SetLabels([]string{"a", "b", "c"})
	return c
}

// albertUses are the three stages, the last encoder in full and for [CLS] alone.
func albertUses() map[string]Use {
	soft := retention.Elimination{Soft: true, Length: identityN, Lambda: 0.1}
	return map[string]Use{
		"dense": {Train: true}, "dense, full": {Train: true, Full: true},
		"hard": {Train: true, Elimination: keep(9, 7, 5, 2)}, "hard, full": {Train: true, Full: true, Elimination: keep(9, 7, 5, 2)},
		"soft": {Train: true, Elimination: soft}, "soft, full": {Train: true, Full: true, Elimination: soft},
	}
}

// filled is a network of c over p whose batch has sequences of the given lengths.
func filled[T kernel.Float](t *testing.T, c arch.Config, w Weights[T], soft *SoftExtract[T], use Use, lengths ...int) *Net[T] {
	t.Helper()
	n, err := NewNet(c, w, soft, use)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(8, uint64(len(lengths))))
	for s, length := range lengths {
		ids, types := make([]int32, length), make([]int32, length)
		for i := range ids {
			ids[i], types[i] = int32(random.IntN(c.VocabSize)), int32(random.IntN(2))
		}
		n.Batch.AddSequence(ids, types, 0, s%3)
	}
	n.Batch.Weight, n.Batch.Penalty, n.Batch.Seed = 0.25, 1, 5
	return n
}

func randomParams(c arch.Config) *Params[float64] {
	random, p := rand.New(rand.NewPCG(3, 1)), NewParams[float64](c)
	for i := range p.Arena() {
		p.Arena()[i] = 0.4 * random.NormFloat64()
	}
	return p
}

func randomSoft(c arch.Config) *SoftExtract[float64] {
	random, s := rand.New(rand.NewPCG(4, 1)), NewSoftExtract[float64](c.NumHiddenLayers, identityN)
	for i := range s.R {
		s.R[i] = 0.2 + 0.8*random.Float64()
	}
	return s
}

// The gradient of shared weights against central differences of the loss: a
// stretch of every tensor.
func TestALBERTGradients(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	c := identityALBERT()
	for name, use := range albertUses() {
		t.Run(name, func(t *testing.T) {
			p := randomParams(c)
			matchDifferences(t, filled(t, c, p, randomSoft(c), use, 13, 2, 7), p)
		})
	}
}

// matchDifferences holds the gradients of a network's task loss against central
// differences, at a stretch of every tensor.
func matchDifferences(t *testing.T, n *Net[float64], p *Params[float64]) {
	t.Helper()
	g := gradientsOf(t, n)
	if err := g.Run(1, false, nil); err != nil {
		t.Fatal(err)
	}
	got := slices.Clone(g.Theta)
	objective := func(at []float64) func(x []float64) float64 {
		return func(x []float64) float64 {
			was := slices.Clone(at)
			defer copy(at, was)
			copy(at, x)
			if err := g.Run(1, false, nil); err != nil {
				t.Fatal(err)
			}
			return n.TaskLoss()
		}
	}
	for _, tensor := range p.Tensors() {
		from := tensor.Offset + tensor.Size/3
		at := p.Arena()[from:min(from+4, tensor.Offset+tensor.Size)]
		want := fd.Gradient(nil, objective(at), slices.Clone(at), &fd.Settings{Formula: fd.Central, Step: 1e-5})
		gradcheck.Close(t, tensor.Name, got[from:from+len(at)], want, 1e-7)
	}
}

// unshared is a BERT whose encoders all hold the one of an ALBERT without a
// mapping: its word-vectors come from a mapped table.
func unshared(t *testing.T, a arch.Config, p *Params[float64]) (arch.Config, *Params[float64]) {
	t.Helper()
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads = a.VocabSize, a.HiddenSize, a.NumHiddenLayers, a.NumAttentionHeads
	c.IntermediateSize, c.MaxPositionEmbeddings, c.HiddenAct = a.IntermediateSize, a.MaxPositionEmbeddings, a.HiddenAct
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb, c.ID2Label = 0, 0, a.ID2Label
	q := NewParams[float64](c)
	for to, from := range sharedNames(&c, &a) {
		copy(q.Slice(to), p.Slice(from))
	}
	return c, q
}

// sharedNames is the ALBERT's name of every tensor of the encoders and the head of
// a BERT.
func sharedNames(bert, albert *arch.Config) map[string]string {
	names, b, a := map[string]string{}, bert.Net(), albert.Net()
	pair := func(to, from arch.Linear) {
		names[to.Weight()], names[to.Bias()] = from.Weight(), from.Bias()
	}
	begins := b.Inherits(a, func(j int) int { return j })
	for _, t := range b.Tensors() {
		if t.Layer > 0 {
			names[t.Name] = begins[t.Name]
		}
	}
	pair(b.Head.Dense, a.Head.Dense)
	pair(b.Head.Output, a.Head.Output)
	return names
}

// An ALBERT is a BERT of equal encoders: of equal results, and its gradient is the
// sum of the gradients of the encoders, to which the mapping, here the identity,
// makes no difference.
func TestALBERTIsABERTOfEqualEncoders(t *testing.T) {
	a := identityALBERT()
	a.EmbeddingSize = a.HiddenSize
	p, soft := randomParams(a), randomSoft(a)
	mapping := p.Slice(a.Net().Embedding.Mapping.Weight())
	clear(mapping)
	clear(p.Slice(a.Net().Embedding.Mapping.Bias()))
	for i := range a.HiddenSize {
		mapping[i*a.HiddenSize+i] = 1
	}
	b, q := unshared(t, a, p)
	for _, name := range []string{"word_embeddings.weight", "position_embeddings.weight", "token_type_embeddings.weight", "LayerNorm.weight", "LayerNorm.bias"} {
		copy(q.Slice("bert.embeddings."+name), p.Slice("albert.embeddings."+name))
	}
	for name, use := range albertUses() {
		t.Run(name, func(t *testing.T) {
			one, many := filled(t, a, p, soft, use, 13, 1, 9, 4), filled(t, b, q, soft, use, 13, 1, 9, 4)
			got, want := gradientsOf(t, one), gradientsOf(t, many)
			for _, goesOn := range []bool{false, false, true} {
				if err := got.Run(1, goesOn, nil); err != nil {
					t.Fatal(err)
				}
				if err := want.Run(1, goesOn, nil); err != nil {
					t.Fatal(err)
				}
				wantSame(t, "logits", logits(one), logits(many), 1e-13)
				wantSame(t, "gradient of r", got.R, want.R, 1e-12)
				sum := map[string][]float64{}
				for to, from := range sharedNames(&b, &a) {
					t, _ := q.Lookup(to)
					if sum[from] == nil {
						sum[from] = make([]float64, t.Size)
					}
					kernel.Add(sum[from], want.Theta[t.Offset:t.Offset+t.Size])
				}
				for from, values := range sum {
					x, _ := p.Lookup(from)
					wantSame(t, from, got.Theta[x.Offset:x.Offset+x.Size], values, 1e-12)
				}
				words, _ := q.Lookup("bert.embeddings.word_embeddings.weight")
				wantSame(t, "word embeddings", got.Theta[:words.Size], want.Theta[:words.Size], 1e-12)
			}
		})
	}
}

// The gradients of several replicas, which share weights within and among them,
// repeat bit for bit and are the sum of what each finds alone.
func TestALBERTReplicas(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	c := identityALBERT()
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0.1, 0.1
	for name, use := range albertUses() {
		t.Run(name, func(t *testing.T) {
			p, soft := randomParams(c), randomSoft(c)
			lengths := [][]int{{13, 5}, {2, 11, 4}, {7}}
			replicas := func() (nets []*Net[float64]) {
				for _, l := range lengths {
					nets = append(nets, filled(t, c, p, soft, use, l...))
				}
				return nets
			}
			want := make([]float64, len(p.Arena()))
			for _, n := range replicas() {
				alone := gradientsOf(t, n)
				if err := alone.Run(1, false, nil); err != nil {
					t.Fatal(err)
				}
				kernel.Add(want, alone.Theta)
			}
			var first []float64
			for range 3 {
				all := gradientsOf(t, replicas()...)
				for range 2 { // the second round must not add to the first
					if err := all.Run(len(lengths), false, nil); err != nil {
						t.Fatal(err)
					}
				}
				wantSame(t, "the sum", all.Theta, want, 1e-12)
				if first == nil {
					first = all.Theta
				}
				wantSame(t, "the sum again", all.Theta, first, 0)
			}
		})
	}
}

// A steady step allocates no tensor, and one replica needs no second copy of the
// shared weights' gradient.
func TestALBERTStepAllocatesNoTensor(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	c := identityALBERT()
	for name, use := range albertUses() {
		p := NewParams[float32](c)
		p.Init(1)
		n := filled(t, c, p, NewSoftExtract[float32](c.NumHiddenLayers, identityN), use, slices.Repeat([]int{13}, 40)...)
		g := gradientsOf(t, n)
		step := func() {
			if err := g.Run(1, false, nil); err != nil {
				t.Fatal(err)
			}
		}
		step()
		step()
		if got := bytesOf(step, 20) / float64(n.machine.Instructions()); got > 192 {
			t.Errorf("%s: a step allocates %.0f bytes per instruction, want at most 192", name, got)
		}
	}
}

// The file has transformers' names, and what was saved loads to the same bits;
// so does a bare model, whose names lack "albert.".
func TestALBERTSaveAndLoad(t *testing.T) {
	dir, c := t.TempDir(), identityALBERT()
	p := NewParams[float32](c)
	p.Init(9)
	if err := Save(dir, c, p); err != nil {
		t.Fatal(err)
	}
	weights := filepath.Join(dir, weightsFile)
	f, err := safetensors.Open(weights)
	if err != nil {
		t.Fatal(err)
	}
	names := gradcheck.Golden(t, "albert_weights").Names() // as albert.py has them
	var got []string
	for _, x := range f.Tensors() {
		got = append(got, x.Name)
	}
	f.Close()
	slices.Sort(got)
	if !slices.Equal(got, names) {
		t.Errorf("tensors are %q\nwant %q", got, names)
	}
	text, err := os.ReadFile(filepath.Join(dir, configFile))
	if err != nil || !strings.Contains(string(text), `"AlbertForSequenceClassification"`) || strings.Contains(string(text), `"classifier_dropout"`) {
		t.Errorf("config.json is %s, %v", text, err)
	}
	tensors, err := ReadTensors(weights)
	if err != nil {
		t.Fatal(err)
	}
	for _, bare := range []bool{false, true} {
		for i := range tensors {
			if bare {
				tensors[i].Name = strings.TrimPrefix(tensors[i].Name, "albert.")
			}
		}
		if err := WriteTensors(weights, tensors); err != nil {
			t.Fatal(err)
		}
		l, err := Load[float32](dir, LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(l.Params.Arena(), p.Arena()) || len(l.Initialised)+len(l.Ignored) > 0 {
			t.Errorf("bare %v: the weights are others; initialised %q, ignored %q", bare, l.Initialised, l.Ignored)
		}
	}
}

// The pooler and the classifier of a pretrained model are new where it has none.
func TestALBERTWithoutAHead(t *testing.T) {
	dir, c := t.TempDir(), identityALBERT()
	if err := Save(dir, c, NewParams[float32](c)); err != nil {
		t.Fatal(err)
	}
	weights := filepath.Join(dir, weightsFile)
	tensors, err := ReadTensors(weights)
	if err != nil {
		t.Fatal(err)
	}
	tensors = slices.DeleteFunc(tensors, func(x NamedTensor) bool {
		return strings.Contains(x.Name, ".pooler.") || strings.HasPrefix(x.Name, "classifier.")
	})
	tensors = append(tensors, NamedTensor{Name: "predictions.bias", Shape: []int{1}, Data: []float32{1}})
	if err := WriteTensors(weights, tensors); err != nil {
		t.Fatal(err)
	}
	l, err := Load[float32](dir, LoadOptions{Labels: []string{"no", "yes"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"albert.pooler.weight", "albert.pooler.bias", "classifier.weight", "classifier.bias"}
	if !slices.Equal(l.Initialised, want) || !slices.Equal(l.Ignored, []string{"predictions.bias"}) {
		t.Errorf("initialised %q, ignored %q", l.Initialised, l.Ignored)
	}
}

// The values that initialisation and weight decay treat apart.
func TestALBERTInit(t *testing.T) {
	p := NewParams[float32](identityALBERT())
	p.Init(1)
	for _, name := range []string{"albert.embeddings.LayerNorm.weight", "albert.encoder.albert_layer_groups.0.albert_layers.0.full_layer_layer_norm.weight",
		"albert.encoder.albert_layer_groups.0.albert_layers.0.attention.LayerNorm.weight"} {
		if x := p.Slice(name); slices.Min(x) != 1 || slices.Max(x) != 1 {
			t.Errorf("%s begins as %v, want ones", name, x)
		}
	}
	if x := p.Slice("albert.pooler.weight"); slices.Min(x) == slices.Max(x) {
		t.Error("the pooler is constant")
	}
}

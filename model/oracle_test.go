package model

import (
	"math"
	"os"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/internal/kernel"
)

// said is what testdata/encoder.py prints of one precision.
type said struct {
	CLS       [][][]float64        `json:"cls"` // by sequence and encoder
	Logits    [][]float64          `json:"logits"`
	Loss      []float64            `json:"loss"`
	Gradients map[string][]float64 `json:"gradients"`
}

// checked are the parameters whose gradients are compared.
var checked = []string{
	"classifier.weight", "bert.pooler.dense.weight",
	"bert.embeddings.LayerNorm.weight", "bert.embeddings.position_embeddings.weight", "bert.embeddings.token_type_embeddings.weight",
	"bert.encoder.layer.0.attention.self.query.weight", "bert.encoder.layer.0.attention.self.key.weight", "bert.encoder.layer.0.attention.self.value.bias",
	"bert.encoder.layer.2.attention.output.dense.weight", "bert.encoder.layer.2.intermediate.dense.bias",
	"bert.encoder.layer.5.output.dense.weight", "bert.encoder.layer.5.output.LayerNorm.bias",
}

// A real pretrained encoder says what it says in transformers: the [CLS] that leaves each
// encoder and the logits are no farther from float64 than twice transformers' own
// float32, in float64 equal to it, and so are loss and gradients. The texts run packed in
// one batch here, and each alone there.
func TestOracleOfARealEncoder(t *testing.T) {
	python, dir := os.Getenv("POWERBERT_PYTHON"), os.Getenv("POWERBERT_MODEL")
	if python == "" || dir == "" {
		t.Skip("POWERBERT_PYTHON (with transformers) and POWERBERT_MODEL (a pretrained BERT) are not both set")
	}
	tok, err := tokenizer.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	set := &data.Set{}
	for i, text := range []string{"a gorgeous, witty, seductive movie.", "no", "It's not the ultimate Depression-era gangster movie, but it will do.",
		strings.Repeat("we root for them both, although the story goes nowhere in particular; ", 12)} {
		set.Examples = append(set.Examples, data.Example{Text: text, Label: i % 2})
	}
	examples := data.Encode(set, tok, 128)
	want := ask(t, python, dir, examples)
	compare[float64](t, dir, examples, want)
	compare[float32](t, dir, examples, want)
}

// ask runs transformers.
func ask(t *testing.T, python, dir string, examples []data.Encoded) map[string]said {
	t.Helper()
	var ids [][]int32
	var labels []int
	for _, e := range examples {
		ids, labels = append(ids, e.IDs), append(labels, e.Label)
	}
	want := map[string]said{}
	askPython(t, python, "testdata/encoder.py", map[string]any{"model": dir, "ids": ids, "label": labels, "classifier": []any{head(0), head(1)}, "gradients": checked}, &want)
	return want
}

// head is a row of the classifier.
func head(label int) []float64 {
	w := make([]float64, 384)
	for i := range w {
		w[i] = float64((7*i+3*label)%11-5) / 128 // exact in float32
	}
	return w
}

func compare[T kernel.Float](t *testing.T, dir string, examples []data.Encoded, want map[string]said) {
	t.Helper()
	loaded, err := Load[T](dir, LoadOptions{Labels: []string{"no", "yes"}})
	if err != nil {
		t.Fatal(err)
	}
	c, p := loaded.Config, loaded.Params
	c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0, 0
	for label := range 2 {
		for i, v := range head(label) {
			p.Slice("classifier.weight")[label*c.HiddenSize+i] = T(v)
		}
	}
	clear(p.Slice("classifier.bias"))
	n, err := NewNet(c, p, nil, Use{Train: true, Full: true, Inspect: true})
	if err != nil {
		t.Fatal(err)
	}
	for i := range examples {
		n.Batch.AddSequence(examples[i].IDs, examples[i].Types, 0, examples[i].Label)
	}
	n.Batch.Weight = 1 / float64(len(examples))
	g := gradientsOf(t, n)
	if err := g.Run(1, false, nil); err != nil {
		t.Fatal(err)
	}
	exact, theirs, loss := want["float64"], want["float32"], 0.0
	var cls, logits apart
	for s := range examples {
		for j, e := range n.Encoders {
			at := n.Batch.Offsets[s] * c.HiddenSize
			near(&cls, Values[T](e.Output)[at:at+c.HiddenSize], exact.CLS[s][j], theirs.CLS[s][j])
		}
		near(&logits, Values[T](n.Logits)[2*s:2*s+2], exact.Logits[s], theirs.Logits[s])
		loss += exact.Loss[s] / float64(len(examples))
	}
	for what, d := range map[string]apart{"[CLS] behind an encoder": cls, "a logit": logits} {
		limit := 2 * d.theirs
		if sizeOf[T]() == 8 {
			limit = 1e-9
		}
		if d.ours > limit || d.ours == 0 {
			t.Errorf("%s is %.1e away, want %.1e at most (%d bytes a number)", what, d.ours, limit, sizeOf[T]())
		}
	}
	if got := n.TaskLoss(); math.Abs(got-loss) > 1e-6 {
		t.Errorf("the loss is %v, want %v", got, loss)
	}
	for _, name := range checked {
		tensor, _ := p.Lookup(name)
		got, wrong, size := g.Theta[tensor.Offset:tensor.Offset+tensor.Size], 0.0, 0.0
		for i, w := range exact.Gradients[name] {
			wrong, size = wrong+(float64(got[i])-w)*(float64(got[i])-w), size+w*w
		}
		tolerance := 1e-4
		if sizeOf[T]() == 8 {
			tolerance = 1e-9
		}
		if math.Sqrt(wrong) > tolerance*math.Sqrt(size) || size == 0 {
			t.Errorf("the gradient of %s is %.1e of its norm %.1e away, %d bytes a number", name, math.Sqrt(wrong/size), math.Sqrt(size), sizeOf[T]())
		}
	}
}

func sizeOf[T kernel.Float]() int {
	if _, double := any(T(0)).(float64); double {
		return 8
	}
	return 4
}

// apart is how far values are from the exact ones at most, ours and those of
// transformers in float32.
type apart struct{ ours, theirs float64 }

func near[T kernel.Float](d *apart, got []T, exact, theirs []float64) {
	for i, w := range exact {
		d.ours, d.theirs = max(d.ours, math.Abs(float64(got[i])-w)), max(d.theirs, math.Abs(theirs[i]-w))
	}
}

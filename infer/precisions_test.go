package infer

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// The int8 model of a directory says the bits that the one in memory does, everywhere:
// in runs, traces and benches, and it is no float32 model.
func TestPrecisionsSaveWhatTheyAre(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for name, r := range kinds {
		for _, left := range []int{0, 2} {
			savesWhatItIs(t, fmt.Sprintf("%s without product %d", name, left), saveTiny(t, r), left)
		}
	}
}

// savesWhatItIs holds the int8 model of a directory, but for one product, against the one in
// memory.
func savesWhatItIs(t *testing.T, name, dir string, without int) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "int8")
	p, err := OpenPrecisions(dir, length)
	if err != nil {
		t.Fatal(err)
	}
	examples, _ := encoded(p.Model, 37)
	if without > 0 {
		if err := p.Smooth(t.Context(), examples, 2); err != nil {
			t.Fatal(err)
		}
	}
	left := p.Products[without]
	if err := p.Save(out, left.Layers); err != nil {
		t.Fatal(err)
	}
	saved, err := Open(out, length)
	if err != nil {
		t.Fatal(err)
	}
	want, err := p.With(slices.Delete(slices.Clone(p.Products), without, without+1)...).Follow(t.Context(), examples, 2)
	if err != nil {
		t.Fatal(err)
	}
	got, err := saved.Follow(t.Context(), examples, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Outputs, want.Outputs) || !reflect.DeepEqual(got.Survives, want.Survives) {
		t.Errorf("%s: the saved model says otherwise", name)
	}
	if float, err := p.Run(t.Context(), examples, 0, 1); err != nil || reflect.DeepEqual(float.Outputs, want.Outputs) {
		t.Errorf("%s: float32 says the same (%v)", name, err)
	}
	q, layers := saved.Config.Quantization, left.Layers
	if left.Words != nil {
		layers = []string{}
	}
	digest, err := model.WeightsDigest(dir)
	if err != nil || q.Source != filepath.Base(dir) || q.SHA256 != fmt.Sprintf("%x", digest) || !slices.Equal(q.Float, layers) || q.Words != (left.Words == nil) || q.Smooth() != (without > 0) {
		t.Errorf("%s: config.json says %+v (%v)", name, q, err)
	}
}

// Who wants weights refuses int8 by name.
func TestExportRefusesInt8(t *testing.T) {
	p, err := OpenPrecisions(saveTiny(t, nil), length)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "int8")
	if err := p.Save(out, nil); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%s: holds int8 weights, which are for inference alone; want the directory that they were made of, which is called %s and does not stand beside it", out, filepath.Base(p.dir))
	if _, err := Export(out, filepath.Join(t.TempDir(), "model.onnx"), 0); err == nil || err.Error() != want {
		t.Errorf("export: %v, want %s", err, want)
	}
	if _, err := OpenPrecisions(out, length); err == nil || err.Error() != want {
		t.Errorf("quantised again: %v, want %s", err, want)
	}
}

// Follow says of each text what a trace of it says.
func TestFollowIsTrace(t *testing.T) {
	for name, r := range kinds {
		m := tiny(t, r)
		examples, _ := encoded(m, 41)
		f, err := m.Follow(t.Context(), examples, 3)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range examples {
			traced, err := m.TraceEncoded(e)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(f.Survives[i], traced.Survives) {
				t.Errorf("%s, text %d: %v, want %v", name, i, f.Survives[i], traced.Survives)
			}
		}
	}
}

// Of 3 + 2 word-vectors beside [CLS] that encoder 1 keeps the other keeps 4, and of the
// two at encoder 2 none. The last encoder's [CLS] is no pick.
func TestChangedPicks(t *testing.T) {
	pass := Pass{Kept: make([]float64, 3)}
	a := &Followed{pass, [][]int{{3, 2, 1, 1, 0}, {3, 2, 1}}}
	b := &Followed{pass, [][]int{{3, 0, 1, 2, 2}, {3, 1, 2}}}
	if got, want := a.ChangedPicks(b), []float64{1.0 / 5, 1}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := a.ChangedPicks(a), []float64{0, 0}; !slices.Equal(got, want) {
		t.Errorf("of the same run %v, want %v", got, want)
	}
}

// shaped is a model of random weights with an encoder's real sizes, in int8.
func shaped(t *testing.T, hidden, heads, intermediate int, r *retention.Configuration) *Model {
	t.Helper()
	tok, err := tokenizer.New(data.DemoVocabulary(), tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir, c := t.TempDir(), arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads = tok.Size(), hidden, 3, heads
	c.IntermediateSize, c.InitializerRange, c.PowerRetention = intermediate, 0.06, r
	params := model.NewParams[float32](c)
	params.Init(7)
	if err := errors.Join(tok.Save(dir), model.Save(dir, c, params)); err != nil {
		t.Fatal(err)
	}
	p, err := OpenPrecisions(dir, 128)
	if err != nil {
		t.Fatal(err)
	}
	return p.With(p.Products...)
}

// An answer does not depend on its batch: alone, among others and beside padding a text
// has the same bits and keeps the same word-vectors.
func TestInt8AnswersDoNotDependOnTheBatch(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	if kernel.Backend() == "openblas" {
		t.Skip("OpenBLAS rounds products of other sizes otherwise")
	}
	sizes := [][3]int{{312, 12, 1200}} // TinyBERT's
	if !testing.Short() {
		sizes = append(sizes, [3]int{384, 12, 1536}, [3]int{768, 12, 3072})
	}
	for _, s := range sizes {
		for name, r := range map[string]*retention.Configuration{"dense": nil,
			"absolute": {MaxLength: 128, Ranks: "absolute", Keep: []int{61, 23, 1}}, "relative": {MaxLength: 128, Ranks: "relative", Keep: []int{80, 31, 5}}} {
			m := shaped(t, s[0], s[1], s[2], r)
			var examples []data.Encoded
			random := rand.New(rand.NewPCG(2, 2))
			for _, n := range []int{128, 2, 37, 15, 99, 1 + 2, 64, 7} {
				some, err := m.Random(random.IntN(3)+1, n)
				if err != nil {
					t.Fatal(err)
				}
				examples = append(examples, some[len(some)-1])
			}
			together, err := m.Follow(t.Context(), examples, 1)
			if err != nil {
				t.Fatal(err)
			}
			padded, err := m.Run(t.Context(), examples, 128, 1)
			if err != nil {
				t.Fatal(err)
			}
			for i := range examples {
				alone, err := m.Follow(t.Context(), examples[i:i+1], 1)
				if err != nil {
					t.Fatal(err)
				}
				want := alone.Outputs.Logits[0]
				if !sameBits(together.Outputs.Logits[i], want) || !sameBits(padded.Outputs.Logits[i], want) {
					t.Errorf("%d wide, %s, text %d: alone %v, among others %v, padded %v", s[0], name, i, want, together.Outputs.Logits[i], padded.Outputs.Logits[i])
				}
				if !slices.Equal(together.Survives[i], alone.Survives[0]) {
					t.Errorf("%d wide, %s, text %d keeps other word-vectors among others", s[0], name, i)
				}
			}
		}
	}
}

func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// A real encoder in int8 keeps its answers near: where POWERBERT_MODEL is.
func TestInt8OfARealEncoder(t *testing.T) {
	dir := os.Getenv("POWERBERT_MODEL")
	if dir == "" {
		t.Skip("POWERBERT_MODEL names no model")
	}
	loaded, err := model.Load[float32](dir, model.LoadOptions{Labels: []string{"a", "b"}, Seed: 1})
	if err != nil {
		t.Skipf("POWERBERT_MODEL: %v", err)
	}
	tok, err := tokenizer.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	products, err := model.QuantizeProducts(loaded.Params, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := &Model{Config: loaded.Config, Tokenizer: tok, maxLength: 64, weights: loaded.Params.Freeze()}
	p := &Precisions{Model: m, Products: products, dir: dir}
	texts := []string{"a slow start but a lovely end", "The cat sat on the mat.", "nothing here is worth the ticket, nor the wait", "why?"}
	var examples []data.Encoded
	for _, text := range texts {
		examples = append(examples, m.Encode(data.Example{Text: text}, false))
	}
	least := 1.0
	var float [][]float32 // by call
	see := func(_ int, x []float32) { float = append(float, slices.Clone(x)) }
	if err := m.WordVectors(t.Context(), examples, see); err != nil {
		t.Fatal(err)
	}
	calls := 0
	if err := p.With(products...).WordVectors(t.Context(), examples, func(_ int, x []float32) {
		h := m.Config.HiddenSize
		for i := 0; i < len(x); i += h {
			least = min(least, cosine(x[i:i+h], float[calls][i:i+h]))
		}
		calls++
	}); err != nil {
		t.Fatal(err)
	}
	t.Logf("least cosine of a word-vector in int8 with its own in float32: %.5f", least)
	if least < 0.98 || calls != m.Config.NumHiddenLayers*len(texts) {
		t.Errorf("least cosine %v after %d word-vectors' encoders, want 0.98 or more", least, calls)
	}
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab, aa, bb = ab+float64(a[i])*float64(b[i]), aa+float64(a[i])*float64(a[i]), bb+float64(b[i])*float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}

package model

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/internal/gradcheck"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// otherFamilies are those of which transformers has saved a model for each class here
// (internal/gradcheck/testdata/families.py).
var otherFamilies = []string{arch.RoBERTa, arch.CamemBERT, arch.XLMRoBERTa, arch.DistilBERT, arch.ELECTRA, arch.MPNet, arch.ModernBERT, "modernbert-mean"}

// familyCase is a golden case of a family.
type familyCase struct {
	name, class string
	load        LoadOptions
	use         Use
}

var familyCases = []familyCase{
	{"dense", "classify", LoadOptions{}, Use{}},
	{"hard", "classify", LoadOptions{}, Use{Elimination: retention.Elimination{Keep: []int{12, 6, 2}, Length: 19}}},
	{"soft", "classify", LoadOptions{}, Use{Elimination: retention.Elimination{Soft: true, Length: 19}}},
	{"choice", "choice", LoadOptions{}, Use{}},
	{"masked", "masked", LoadOptions{MaskedLM: true}, Use{}},
}

func familyDir(modelType, class string) string {
	return filepath.Join("testdata", "families", modelType, class)
}

// Every family says what it says in transformers, learns the same gradients, and keeps the
// same word-vectors, in both precisions.
func TestGoldenFamilies(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	golden := gradcheck.Golden(t, "families")
	for _, modelType := range otherFamilies {
		for _, c := range familyCases {
			for _, full := range []bool{true, false} {
				c.use.Full = full
				t.Run(fmt.Sprintf("%s/%s/full=%v", modelType, c.name, full), func(t *testing.T) {
					runFamily[float64](t, golden.Sub(modelType), modelType, c)
					runFamily[float32](t, golden.Sub(modelType), modelType, c)
				})
			}
		}
	}
}

func runFamily[T kernel.Float](t *testing.T, golden gradcheck.Case, modelType string, c familyCase) {
	t.Helper()
	loaded, err := Load[T](familyDir(modelType, c.class), c.load)
	if err != nil || len(loaded.Initialised)+len(loaded.Ignored) > 0 {
		t.Fatalf("error %v; initialised %q, ignored %q", err, loaded.Initialised, loaded.Ignored)
	}
	rate := 0.0
	loaded.Config.HiddenDropoutProb, loaded.Config.AttentionProbsDropoutProb, loaded.Config.ClassifierDropout = 0, 0, &rate
	loaded.Config.Extra["summary_last_dropout"] = []byte("0") // of ELECTRA
	net := familyNet(t, golden, loaded, c)
	fillFamily(t, golden, net.Batch, &loaded.Config)
	g := gradientsOf(t, net)
	for range 2 { // a second run must not see anything of the first
		if err := g.Run(1, false, nil); err != nil {
			t.Fatal(err)
		}
	}
	want, tol := golden.Sub(c.name), gradcheck.Tolerance[T]()
	if tol > 1e-6 {
		tol *= 3 // 19 word-vectors with sums longer than those of the other cases
	}
	logits, wanted := Values[T](net.Logits), want.Floats(t, "logits")
	gradcheck.Close(t, "logits", logits, wanted, tol)
	gradcheck.Match(t, want, "loss", Values[T](net.task), tol)
	for _, x := range loaded.Params.Tensors() {
		got, grad := slices.Clone(g.Theta[x.Offset:x.Offset+x.Size]), slices.Clone(want.Floats(t, "grad."+x.Name))
		withoutPadding(&loaded.Config, &x, got, grad)
		gradcheck.Close(t, "the gradient of "+x.Name, got, grad, tol)
	}
	if c.use.Soft {
		gradcheck.Match(t, want, "grad.soft_extract.r", g.R, tol)
	}
	for j, e := range net.Encoders {
		for s := 0; c.use.Keep != nil && !e.Selection.OnlyCLS() && s < 3; s++ {
			from, to, _ := e.Selection.Out().Bounds(s)
			for i, at := range want.Ints(t, fmt.Sprintf("kept.%d.%d", s, j)) {
				if i >= to-from || int(e.Selection.Out().Positions[from+i]) != at {
					t.Errorf("encoder %d keeps %v of sequence %d, want position %d in place %d", j+1, e.Selection.Out().Positions[from:to], s, at, i)
				}
			}
		}
	}
}

// familyNet is the network of a case, with the golden r.
func familyNet[T kernel.Float](t *testing.T, golden gradcheck.Case, loaded *Loaded[T], c familyCase) *Net[T] {
	t.Helper()
	soft := NewSoftExtract[T](loaded.Config.NumHiddenLayers, 19)
	copy(soft.R, gradcheck.Cast[T](t, golden, "r"))
	c.use.Train, c.use.Inspect = true, true
	net, err := NewNet(loaded.Config, loaded.Params, soft, c.use)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// fillFamily puts the golden sequences into a batch, as three examples, one question of
// three options, or for their tokens to be guessed.
func fillFamily(t *testing.T, golden gradcheck.Case, b *Batch, c *arch.Config) {
	t.Helper()
	labels := []int{2, 0, 1}
	b.Reset()
	for s := range 3 {
		var ids, types []int32
		for i, id := range golden.Ints(t, fmt.Sprintf("ids.%d", s)) {
			ids, types = append(ids, int32(id)), append(types, int32(golden.Ints(t, fmt.Sprintf("types.%d", s))[i]))
		}
		b.AddSequence(ids, types, 0, labels[s])
	}
	b.Weight = 1.0 / 3
	switch {
	case c.Problem().Chosen():
		b.Labels, b.Weight = []int{1, 1, 1}, 1
	case c.MaskedLM():
		b.Labels, b.Weight = []int{7, 0, 30, 11, 4, 9}, 1.0/6
		for s := range 3 {
			b.Masked = append(b.Masked, int32(b.Offsets[s])+1, int32(b.Offsets[s])+4)
		}
	}
}

// withoutPadding leaves the row of padding out of gradients of the tables of words and
// positions, which PyTorch does not let it learn.
func withoutPadding[T kernel.Float](c *arch.Config, x *Tensor, got []T, want []float64) {
	e := c.Net().Embedding
	if x.Name != e.Words.Name && x.Name != e.Positions.Name || c.PadTokenID == nil || x.Name == e.Positions.Name && e.Pad == nil {
		return
	}
	from := *c.PadTokenID * x.Shape[1]
	clear(got[from : from+x.Shape[1]])
	clear(want[from : from+x.Shape[1]])
}

// A model of every family and class comes back key by key and bit by bit when it is
// saved, but for what names the program that saved it.
func TestFamiliesAreSavedAsTheyCame(t *testing.T) {
	for _, modelType := range otherFamilies {
		for _, c := range familyCases[2:] {
			dir, from := t.TempDir(), familyDir(modelType, c.class)
			loaded, err := Load[float32](from, c.load)
			if err != nil {
				t.Fatal(err)
			}
			if err := Save(dir, loaded.Config, loaded.Params); err != nil {
				t.Fatal(err)
			}
			again, err := Load[float32](dir, c.load)
			if err != nil || !slices.Equal(again.Params.Arena(), loaded.Params.Arena()) {
				t.Errorf("%s: other weights, error %v", from, err)
			}
			if was, is := configLines(t, from), configLines(t, dir); !slices.Equal(was, is) {
				t.Errorf("%s: config.json is\n%s\nwant\n%s", from, strings.Join(is, "\n"), strings.Join(was, "\n"))
			}
		}
	}
}

// configLines are the keys of a config.json that say something and that both write alike.
func configLines(t *testing.T, dir string) (lines []string) {
	t.Helper()
	text, err := os.ReadFile(ConfigFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.Trim(line, " ,\n")
		if !strings.HasSuffix(line, "null") && !strings.Contains(line, "dtype") {
			if number, ok := strings.CutSuffix(line, ": 0.0"); ok {
				line = number + ": 0"
			}
			lines = append(lines, strings.ReplaceAll(line, "1e-05", "0.00001"))
		}
	}
	return lines
}

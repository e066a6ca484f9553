package predict

import (
	"math"
	"strconv"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
)

// The logits of a text are those of its own windows; of the first where nothing joins them.
func TestJoin(t *testing.T) {
	logits := [][]float32{{1}, {2}, {6}, {5}}
	for name, row := range map[string]struct {
		window *problem.Window
		of     []int
		want   []float32
	}{
		"means":              {&problem.Window{Join: problem.JoinMean}, []int{0, 1, 1, 2}, []float32{1, 4, 5}},
		"first windows":      {nil, []int{0, 1, 1, 2}, []float32{1, 2, 5}},
		"texts that are cut": {nil, nil, []float32{1, 2, 6, 5}},
	} {
		joined := Join(row.window, problem.Regression, logits, row.of)
		if len(joined) != len(row.want) {
			t.Fatalf("%s: %d texts, want %d", name, len(joined), len(row.want))
		}
		for text, want := range row.want {
			if got := joined[text]; got[0] != want {
				t.Errorf("%s: text %d is given %v, want %v", name, text, got, want)
			}
		}
	}
}

// As many examples pass a network together as make 64 sequences, but at least one.
func TestBatchExamples(t *testing.T) {
	for options, want := range map[int]int{0: 64, 4: 16, 64: 1, 65: 1} {
		c := arch.DefaultBERT()
		var names []string
		for i := range options {
			names = append(names, strconv.Itoa(i))
		}
		c.SetProblem(problem.MultipleChoice, names)
		if got := BatchExamples(&c); got != want {
			t.Errorf("of %d options each pass %d examples, want %d", options, got, want)
		}
	}
}

// A model of weights that are all zero guesses every token alike: a masked one costs it ln V,
// however many there are in a sequence.
func TestMaskedLoss(t *testing.T) {
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 50, 12, 1, 3, 20
	if err := c.SetMaskedLM(); err != nil {
		t.Fatal(err)
	}
	nets, err := NewReplicas(2, c, model.NewParams[float32](c), nil, model.Use{})
	if err != nil {
		t.Fatal(err)
	}
	var set []data.Encoded
	for i := range BatchSequences + 3 { // two batches
		set = append(set, data.Encoded{IDs: make([]int32, 1+i%9), Types: make([]int32, 1+i%9)})
	}
	got, err := MaskedLoss(t.Context(), nets, set, &data.Masking{Share: 0.4, Mask: 4, Special: make([]bool, c.VocabSize)})
	if want := math.Log(50); err != nil || math.Abs(got-want) > 1e-5 {
		t.Errorf("a masked token costs %v, want %v (%v)", got, want, err)
	}
}

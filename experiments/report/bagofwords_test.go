package report

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/problem"
)

// coloured makes examples of 3 classes told by one of their pieces, 7, 8 or 9,
// among others that say nothing.
func coloured(n int) []data.Encoded {
	source := rand.New(rand.NewPCG(1, 2))
	var list []data.Encoded
	for i := range n {
		ids := []int32{0, int32(1 + source.IntN(6)), int32(7 + i%3), int32(1 + source.IntN(6))}
		list = append(list, data.Encoded{IDs: ids, Label: i % 3})
	}
	return list
}

// bagOfWords is what a bag of so many word-pieces and outputs reaches.
func bagOfWords(t *testing.T, kind problem.Kind, name string, train, dev []data.Encoded, pieces, outputs int) float64 {
	t.Helper()
	value, err := newBag(pieces, outputs).learn(subject{kind: kind}, name, train, dev, dev)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestBagOfWordsSolvesWhatItCan(t *testing.T) {
	train, dev := coloured(90), coloured(40)
	if got := bagOfWords(t, problem.Classification, "accuracy", train, dev, 10, 3); got != 1 {
		t.Errorf("accuracy %v on what one word decides, want 1", got)
	}
}

// It is the best epoch that counts, and the same weights follow from the same examples.
func TestBagOfWordsKeepsTheBestEpoch(t *testing.T) {
	train, dev := coloured(12), coloured(40)
	for i := range dev { // what it learns is wrong here more and more
		dev[i].Label = (dev[i].Label + 1) % 3
	}
	first := 0.0
	for _, e := range dev { // before it has learned, all is of the first class
		if e.Label == 0 {
			first += 1 / float64(len(dev))
		}
	}
	a, b := newBag(10, 3), newBag(10, 3)
	got, err := a.learn(subject{kind: problem.Classification}, "accuracy", train, dev, dev)
	if err != nil || math.Abs(got-first) > 1e-12 {
		t.Errorf("accuracy %v (%v), want %v of the bag that has learned nothing", got, err, first)
	}
	if _, err := b.learn(subject{kind: problem.Classification}, "accuracy", train, dev, dev); err != nil || !reflect.DeepEqual(a.weights, b.weights) {
		t.Errorf("it does not repeat (%v)", err)
	}
	if _, err := b.learn(subject{kind: problem.Classification}, "pearson", train, dev, dev); err == nil {
		t.Error("a metric of scores: no error")
	}
}

// The label is which of two words comes first: no bag can tell.
func TestBagOfWordsSeesNoOrder(t *testing.T) {
	var examples []data.Encoded
	for i := range 60 {
		ids := []int32{0, 1, 2}
		if i%2 == 1 {
			ids = []int32{0, 2, 1}
		}
		examples = append(examples, data.Encoded{IDs: ids, Label: i % 2})
	}
	if got := bagOfWords(t, problem.Classification, "accuracy", examples, examples, 3, 2); got != 0.5 {
		t.Errorf("accuracy %v, want a half", got)
	}
}

func TestBagOfWordsDoesNotSolveTheDemoTask(t *testing.T) {
	train, dev := data.DemoTask(data.DemoSize{})
	tok, err := tokenizer.New(data.DemoVocabulary(), tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x, y := data.Encode(train, tok, 0), data.Encode(dev, tok, 0)
	got := bagOfWords(t, problem.Classification, "accuracy", x, y, tok.Size(), 2)
	if got < 0.6 || got > 0.78 {
		t.Errorf("a bag of words gets %v of the demo task right, want 0.6 to 0.78", got)
	}
}

// The score is how many of some pieces there are.
func TestBagOfWordsScores(t *testing.T) {
	some := func(n int, seed uint64) (list []data.Encoded) {
		source := rand.New(rand.NewPCG(seed, 2))
		for range n {
			e := data.Encoded{IDs: []int32{0, int32(1 + source.IntN(3))}, Targets: []float64{0}}
			for w := range int32(4) {
				if source.IntN(2) == 1 {
					e.IDs, e.Targets[0] = append(e.IDs, 4+w), e.Targets[0]+1
				}
			}
			list = append(list, e)
		}
		return list
	}
	train, dev := some(200, 1), some(50, 2)
	if got := bagOfWords(t, problem.Regression, "pearson", train, dev, 8, 1); got < 0.95 {
		t.Errorf("correlation %v with what counting finds, want 0.95", got)
	}
}

// The right option is the one with a certain piece.
func TestBagOfWordsChooses(t *testing.T) {
	some := func(n int, seed uint64) (list []data.Encoded) {
		source := rand.New(rand.NewPCG(seed, 2))
		for range n {
			e := data.Encoded{Label: source.IntN(3)}
			for k := range 3 {
				ids := []int32{0, 1, int32(2 + source.IntN(4))}
				if k == e.Label {
					ids = append(ids, 7)
				}
				e.Choices = append(e.Choices, data.Encoded{IDs: ids})
			}
			list = append(list, e)
		}
		return list
	}
	train, dev := some(60, 1), some(40, 2)
	if got := bagOfWords(t, problem.MultipleChoice, "accuracy", train, dev, 8, 1); got != 1 {
		t.Errorf("accuracy %v on what one word decides, want 1", got)
	}
}

// Each label has a piece of its own, and a second one that says nothing.
func TestBagOfWordsLabels(t *testing.T) {
	some := func(n int, seed uint64) (list []data.Encoded) {
		source := rand.New(rand.NewPCG(seed, 2))
		for range n {
			e := data.Encoded{IDs: []int32{0, int32(1 + source.IntN(3))}, Targets: make([]float64, 3)}
			for k := range e.Targets {
				if source.IntN(4) == 0 {
					e.IDs, e.Targets[k] = append(e.IDs, int32(4+k)), 1
				}
			}
			list = append(list, e)
		}
		return list
	}
	train, dev := some(200, 1), some(50, 2)
	for _, name := range []string{"micro_f1", "map"} {
		if got := bagOfWords(t, problem.MultiLabel, name, train, dev, 7, 3); got != 1 {
			t.Errorf("%s %v of what one word each decides, want 1", name, got)
		}
	}
}

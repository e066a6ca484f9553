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
	return reaches(t, newBag(pieces, outputs, 1), Subject{Kind: kind, Metric: name}, train, dev)
}

// reaches is what a bag says right of dev, which chooses, too.
func reaches(t *testing.T, b *Bag, of Subject, train, dev []data.Encoded) float64 {
	t.Helper()
	if err := b.learn(of, train, dev, dev); err != nil {
		t.Fatal(err)
	}
	value, _, err := b.Dev.Score(of.Metric)
	if err != nil || value != b.HeldOut {
		t.Fatalf("%v (%v) on dev, %v on the same examples as they choose", value, err, b.HeldOut)
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
	of := Subject{Kind: problem.Classification, Metric: "accuracy"}
	a, b := newBag(10, 3, 2), newBag(10, 3, 2)
	if got := reaches(t, a, of, train, dev); math.Abs(got-first) > 1e-12 {
		t.Errorf("accuracy %v, want %v of the bag that has learned nothing", got, first)
	}
	if reaches(t, b, of, train, dev); !reflect.DeepEqual(a.weights, b.weights) {
		t.Error("it does not repeat")
	}
	of.Metric = "pearson"
	if _, err := NGrams(of, 10, 3, train, dev, dev); err == nil {
		t.Error("a metric of scores: no error")
	}
}

// The label is which of two words comes first: no bag of words can tell, one of pairs can,
// and it is the one that is taken.
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
	best, err := NGrams(Subject{Kind: problem.Classification, Metric: "accuracy"}, 3, 2, examples, examples, examples)
	if err != nil || best.Grams != 2 || best.HeldOut != 1 {
		t.Errorf("%d pieces in a row reach %v (%v), want 2 that reach 1", best.Grams, best.HeldOut, err)
	}
}

// Of pieces in a row each number has rows of its own, the same ones wherever they stand;
// too short a text has none.
func TestNGramsHaveRows(t *testing.T) {
	b := newBag(10, 2, 3)
	rows := b.rows([]int32{4, 5, 4, 5, 6})
	if n := len(rows); n != 5+1+4+3 || rows[6] != rows[8] || rows[6] == rows[7] {
		t.Errorf("rows %v", rows)
	}
	for i, row := range rows {
		if longer := i > 5; longer != (row >= 10 && int(row) < 10+b.buckets) && i != 5 {
			t.Errorf("row %d of the %d-th n-gram", row, i)
		}
	}
	if rows[5] != int32(10+b.buckets) || int(rows[5]) != len(b.weights)/2-1 {
		t.Errorf("the bias has row %d of %d", rows[5], len(b.weights)/2)
	}
	if got := b.rows([]int32{7}); len(got) != 2 {
		t.Errorf("one piece has rows %v", got)
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

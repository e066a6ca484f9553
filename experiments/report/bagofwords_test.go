package experiments

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/metric"
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

func TestBagOfWordsSolvesWhatItCan(t *testing.T) {
	train, dev := coloured(90), coloured(40)
	pred := bagOfWords(train, dev, 10, 3)
	if got := metric.Accuracy(pred, labels(dev)); got != 1 {
		t.Errorf("accuracy %v on what one word decides, want 1", got)
	}
	if again := bagOfWords(train, dev, 10, 3); !reflect.DeepEqual(again, pred) {
		t.Error("it does not repeat")
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
	if got := metric.Accuracy(bagOfWords(examples, examples, 3, 2), labels(examples)); got != 0.5 {
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
	got := metric.Accuracy(bagOfWords(x, y, tok.Size(), 2), labels(y))
	if got < 0.6 || got > 0.78 {
		t.Errorf("a bag of words gets %v of the demo task right, want 0.6 to 0.78", got)
	}
}

// The score is how many of some pieces there are.
func TestBagOfWordsScores(t *testing.T) {
	some := func(n int, seed uint64) (list []data.Encoded) {
		source := rand.New(rand.NewPCG(seed, 2))
		for range n {
			e := data.Encoded{IDs: []int32{0, int32(1 + source.IntN(3))}}
			for w := range int32(4) {
				if source.IntN(2) == 1 {
					e.IDs, e.Score = append(e.IDs, 4+w), e.Score+1
				}
			}
			list = append(list, e)
		}
		return list
	}
	train, dev := some(200, 1), some(50, 2)
	if got := metric.Pearson(bagOfWordsScores(train, dev, 8), scores(dev)); got < 0.95 {
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
	if got := metric.Accuracy(bagOfWords(train, dev, 8, 3), labels(dev)); got != 1 {
		t.Errorf("accuracy %v on what one word decides, want 1", got)
	}
}

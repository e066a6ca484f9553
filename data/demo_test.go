package data

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data/tokenizer"
)

// demoMaxLength is the length of the longest possible review in word-pieces with [CLS]
// and [SEP]: 60 words in at most ten sentences, each with a full stop.
const demoMaxLength = 72

func TestDemoTaskKeepsItsPromises(t *testing.T) {
	tok, err := tokenizer.New(DemoVocabulary(), tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(4) {
		train, dev := DemoTask(DemoSize{Train: 901, Dev: 300, Seed: seed})
		if len(train.Examples) != 901 || len(dev.Examples) != 300 {
			t.Fatalf("made %d and %d reviews, want 901 and 300", len(train.Examples), len(dev.Examples))
		}
		if got, want := train.Counts(), []int{451, 450}; !reflect.DeepEqual(got, want) {
			t.Errorf("labels %v, want %v", got, want)
		}
		seen := map[string]bool{}
		for _, e := range append(slices.Clone(train.Examples), dev.Examples...) {
			if seen[e.Text] {
				t.Errorf("%q occurs twice", e.Text)
			}
			seen[e.Text] = true
			if n := len(strings.Fields(e.Text)); n < demoMinWords || n > demoMaxWords {
				t.Errorf("%q has %d words, want %d to %d", e.Text, n, demoMinWords, demoMaxWords)
			}
			if ids := tok.Encode(e.Text, 0).IDs; len(ids) > demoMaxLength || slices.Contains(ids, 1) {
				t.Errorf("%q is %v, want %d known pieces or fewer", e.Text, ids, demoMaxLength)
			}
			if got := verdict(e.Text); got != e.Label {
				t.Errorf("%q has label %d, its words say %d", e.Text, e.Label, got)
			}
		}
	}
}

// verdict reads a review by the rule of the task: -1 if it says nothing, or
// contradicts itself.
func verdict(review string) int {
	found := -1
	for _, sentence := range strings.Split(strings.TrimSuffix(review, "."), ". ") {
		words := strings.Fields(sentence)
		if words[0] == "my" || slices.Contains(demoGrammar["thing"], words[1]) {
			continue
		}
		says := polarity(words)
		if says >= 0 && found >= 0 && says != found {
			return -1
		}
		found = max(found, says)
	}
	return found
}

// polarity is 1 or 0 for the polar word of a sentence with its negator, -1 for none.
func polarity(words []string) int {
	says, negated := -1, 0
	for _, word := range words {
		switch {
		case slices.Contains(demoGrammar["quality negator"], word), slices.Contains(demoGrammar["feeling negator"], word):
			negated = 1
		case slices.Contains(demoGrammar["good quality"], word), slices.Contains(demoGrammar["good feeling"], word):
			says = 1
		case slices.Contains(demoGrammar["bad quality"], word), slices.Contains(demoGrammar["bad feeling"], word):
			says = 0
		}
	}
	if says < 0 {
		return says
	}
	return says ^ negated
}

func TestDemoTaskRepeats(t *testing.T) {
	size := DemoSize{Train: 50, Dev: 20, Seed: 7}
	train, dev := DemoTask(size)
	again, devAgain := DemoTask(size)
	if !reflect.DeepEqual(train, again) || !reflect.DeepEqual(dev, devAgain) {
		t.Error("the same seed made other reviews")
	}
	size.Seed = 8
	if other, _ := DemoTask(size); reflect.DeepEqual(train, other) {
		t.Error("another seed made the same reviews")
	}
}

func TestDemoTaskByDefault(t *testing.T) {
	sets, err := Load(Source{Task: TaskDemo})
	if err != nil || len(sets.Train.Examples) != demoTrain || len(sets.Dev.Examples) != demoDev || sets.HeldOut != nil {
		t.Fatalf("got %+v, %v", sets, err)
	}
}

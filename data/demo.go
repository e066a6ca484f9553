package data

import (
	"math/rand/v2"
	"strings"

	"github.com/powerbert/powerbert/problem"
)

// What makes the demo task easy or hard. Counting words finds the label less
// often the more opinions are negated and the more of them do not count;
// reading which words go with which finds it always.
const (
	demoTrain      = 6000 // reviews, unless DemoSize says otherwise
	demoDev        = 1000
	demoMinWords   = 8
	demoMaxWords   = 60
	secondRate     = 0.3  // of reviews with two opinions that count (they agree) instead of one
	negationRate   = 0.25 // of opinions that count
	intensityRate  = 0.25 // of opinions with "very" or "really" between negator and polar word
	distractorRate = 0.3  // of reviews with an opinion that does not count
)

// DemoSize says how much of the demo task to make, and which.
type DemoSize struct {
	Train, Dev int    // reviews; 0: 6000 and 1000
	Seed       uint64 // other seeds make other reviews by the same rule
}

// DemoLabels are the names of the demo task's labels.
func DemoLabels() []string { return []string{"negative", "positive"} }

// DemoTask makes film reviews of 8 to 60 words whose label a few words decide.
//
// A review holds one or two opinions on the film, always agreeing: a polar word
// ("good", "hated") that a negator before it turns round. It may hold an opinion
// that does not count, of others or on another thing ("my brother hated it",
// "the popcorn was good"), which then contradicts those that do and is of the
// other kind: "hated" beside "the plot was good", "dull" beside "i loved it".
// All other sentences say nothing. Half of the reviews are positive; no review
// occurs twice, in train and dev together.
//
// So the same polar word speaks for its label in some reviews and against it
// in others: counting words finds about two labels of three.
func DemoTask(size DemoSize) (train, dev *Set) {
	if size.Train == 0 {
		size.Train = demoTrain
	}
	if size.Dev == 0 {
		size.Dev = demoDev
	}
	w := &writer{source: rand.NewPCG(size.Seed, golden64)}
	seen := map[string]bool{}
	return w.set(size.Train, seen), w.set(size.Dev, seen)
}

// A writer writes reviews.
type writer struct{ source *rand.PCG }

// set is n reviews that were not seen, the labels taking turns.
func (w *writer) set(n int, seen map[string]bool) *Set {
	s := &Set{Path: TaskDemo, Problem: problem.Classification, Labels: DemoLabels()}
	for len(s.Examples) < n {
		label := len(s.Examples) % 2
		text := w.review(label == 1)
		if !seen[text] {
			seen[text] = true
			s.Examples = append(s.Examples, Example{Text: text, Label: label})
		}
	}
	return s
}

// review is a text that is positive or not, its sentences in any order.
func (w *writer) review(positive bool) string {
	mine, theirs := "quality", "feeling"
	if w.chance(0.5) {
		mine, theirs = theirs, mine
	}
	sentences := []string{w.opinion("my "+mine, positive, negationRate)}
	if w.chance(secondRate) {
		sentences = append(sentences, w.opinion("my "+mine, positive, negationRate))
	}
	if w.chance(distractorRate) {
		sentences = append(sentences, w.opinion("their "+theirs, !positive, 0))
	}
	sentences = w.fill(sentences)
	for i := len(sentences) - 1; i > 0; i-- {
		j := below(w.source, uint64(i)+1)
		sentences[i], sentences[j] = sentences[j], sentences[i]
	}
	return strings.Join(sentences, ". ") + "."
}

// fill adds sentences that say nothing up to a length drawn so that short
// reviews are common and long ones occur.
func (w *writer) fill(sentences []string) []string {
	u := w.uniform()
	target := demoMinWords + int(u*u*u*u*(demoMaxWords-demoMinWords))
	words := 0
	for _, s := range sentences {
		words += countWords(s)
	}
	for words < target {
		s := w.expand("{filler}")
		if words += countWords(s); words > demoMaxWords {
			break
		}
		sentences = append(sentences, s)
	}
	return sentences
}

func countWords(s string) int { return strings.Count(s, " ") + 1 }

// opinion is a sentence of a class ("my quality", "their feeling") whose polar
// word, turned round if it is negated, is positive or not.
func (w *writer) opinion(class string, positive bool, negationRate float64) string {
	_, kind, _ := strings.Cut(class, " ")
	negated := w.chance(negationRate)
	phrase := "{bad " + kind + "}"
	if positive != negated {
		phrase = "{good " + kind + "}"
	}
	if w.chance(intensityRate) {
		phrase = "{" + kind + " intensifier} " + phrase
	}
	if negated {
		phrase = "{" + kind + " negator} " + phrase
	}
	return w.expand(strings.Replace(w.expand("{"+class+"}"), polarSlot, phrase, 1))
}

// expand replaces each {class} by one of its phrases until none is left.
func (w *writer) expand(phrase string) string {
	for {
		before, rest, found := strings.Cut(phrase, "{")
		if !found {
			return phrase
		}
		class, after, _ := strings.Cut(rest, "}")
		choices := demoGrammar[class]
		phrase = before + choices[below(w.source, uint64(len(choices)))] + after
	}
}

func (w *writer) chance(p float64) bool { return w.uniform() < p }

// uniform is in [0, 1).
func (w *writer) uniform() float64 { return float64(w.source.Uint64()>>11) / (1 << 53) }

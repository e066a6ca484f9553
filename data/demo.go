package data

import (
	"math/rand/v2"
	"strings"
)

// What makes the demo task easy or hard. Counting words finds the label less
// often the more opinions are negated and the more of them do not count;
// reading which words stand beside each other finds it always.
const (
	demoTrain      = 6000 // reviews, unless DemoSize says otherwise
	demoDev        = 1000
	demoMinWords   = 8
	demoMaxWords   = 60
	negationRate   = 0.35 // of all opinions, counting or not
	intensityRate  = 0.25 // of opinions with "very" or "really" between negator and polar word
	secondRate     = 0.35 // of reviews with two opinions that count (they agree) instead of one
	distractorRate = 0.5  // of each of two places for an opinion that does not count
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
// A review holds one or two opinions on the film, always agreeing; an opinion
// is a polar word ("good", "hated") that a negator before it turns round. Up to
// two opinions of others or on other things ("my brother hated it", "the
// popcorn was good") say nothing, and neither do the other sentences. Half of
// the reviews are positive; no review occurs twice, in train and dev together.
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
	s := &Set{Path: TaskDemo, Labels: DemoLabels()}
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
	sentences := []string{w.opinion("{mine}", positive)}
	if w.chance(secondRate) {
		sentences = append(sentences, w.opinion("{mine}", positive))
	}
	for range 2 {
		if w.chance(distractorRate) {
			sentences = append(sentences, w.opinion("{theirs}", w.chance(0.5)))
		}
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
	target := demoMinWords + int(u*u*(demoMaxWords-demoMinWords))
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

// opinion is a sentence of a class whose polar word, turned round if negated,
// is positive or not.
func (w *writer) opinion(class string, positive bool) string {
	negated := w.chance(negationRate)
	sentence := w.expand(class)
	for _, kind := range []string{"quality", "feeling"} {
		slot := "<" + kind + ">"
		if strings.Contains(sentence, slot) {
			return strings.Replace(sentence, slot, w.polar(kind, positive != negated, negated), 1)
		}
	}
	return sentence
}

// polar is a polar word of a kind with its negator and intensifier.
func (w *writer) polar(kind string, positive, negated bool) string {
	sign := "bad "
	if positive {
		sign = "good "
	}
	phrase := "{" + sign + kind + "}"
	if w.chance(intensityRate) {
		phrase = "{" + kind + " intensifier} " + phrase
	}
	if negated {
		phrase = "{" + kind + " negator} " + phrase
	}
	return w.expand(phrase)
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

package tokenizer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The words of Sennrich et al. 2016, algorithm 1, with the merges worked out by
// hand: e+s and es+t occur nine times each, o+w and l+ow seven times, e+w and n+ew
// six; of equals, the pair whose pieces came first.
func TestLearnJoinsTheMostFrequentPair(t *testing.T) {
	c := NewCounter(Options{})
	for word, times := range map[string]int{"low": 5, "lower": 2, "newest": 6, "widest": 3} {
		c.Add(strings.Repeat(word+" ", times))
	}
	vocab, err := c.Learn(5 + 11 + 6)
	if err != nil {
		t.Fatal(err)
	}
	alphabet := []string{"##d", "##e", "##i", "##o", "##r", "##s", "##t", "##w", "l", "n", "w"}
	want := append([]string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}, alphabet...)
	want = append(want, "##es", "##est", "##ow", "low", "##ew", "new")
	if !slices.Equal(vocab, want) {
		t.Errorf("got  %q\nwant %q", vocab, want)
	}
}

// Counts of pairs are kept up to date while words are respelled; here each join
// is compared with counting all over again.
func TestLearnAgreesWithCountingAnew(t *testing.T) {
	text := "the theatre thereby gathers those other mothers; banana bandana cabana aaaa aaa " +
		"Ünïcode straße 中文 thé thě misses mississippi hisses kisses"
	c := NewCounter(Options{})
	for i := range 5 {
		c.Add(strings.Repeat(text+" ", i%2+1) + fmt.Sprint(i*i))
	}
	vocab, err := c.Learn(1000)
	if err != nil {
		t.Fatal(err)
	}
	if want := learnNaively(c.words); !slices.Equal(vocab, want) {
		t.Errorf("got  %q\nwant %q", vocab, want)
	}
}

// learnNaively learns until no pair occurs twice, from scratch at every join.
func learnNaively(words map[string]int) []string {
	l := learner{prefix: "##", ids: map[string]int32{}, pairs: map[pair]*pairCount{}}
	for _, s := range []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"} {
		l.id(s)
	}
	l.spell(words)
	for {
		counts := map[pair]int{}
		for _, w := range l.words {
			for i := range len(w.pieces) - 1 {
				counts[pair{w.pieces[i], w.pieces[i+1]}] += w.count
			}
		}
		var q pairQueue
		for p, n := range counts {
			q = append(q, queued{p, n})
		}
		if len(q) == 0 {
			return l.pieces
		}
		best := 0
		for i := range q {
			if q.Less(i, best) {
				best = i
			}
		}
		if q[best].count < 2 {
			return l.pieces
		}
		joined := l.id(l.pieces[q[best].left] + l.pieces[q[best].right][2:])
		for i := range l.words {
			l.rewrite(int32(i), q[best].pair, joined, map[pair]bool{})
		}
	}
}

// Every word that was counted can be spelled, and frequent words are one piece.
func TestLearnedVocabularySpellsItsWords(t *testing.T) {
	text := "A film, a film! Nothing but a film: the filming of films; unfilmable."
	c := NewCounter(Options{})
	c.Add(strings.Repeat(text, 3))
	vocab, err := c.Learn(60)
	if err != nil {
		t.Fatal(err)
	}
	w, err := New(vocab, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(w.Pieces(text), w.unknown) {
		t.Errorf("%q is not spelled by %q", text, vocab)
	}
	if n := len(w.Pieces("film")); n != 1 {
		t.Errorf("the most frequent word takes %d pieces, want 1", n)
	}
}

func TestLearnProblems(t *testing.T) {
	c := NewCounter(Options{})
	if _, err := c.Learn(100); err == nil || !strings.Contains(err.Error(), "no words") {
		t.Errorf("no text: %v", err)
	}
	c.Add("abc " + strings.Repeat("x", 101))
	if c.Words() != 1 {
		t.Errorf("%d words, want 1: the other is longer than a tokenizer looks", c.Words())
	}
	if _, err := c.Learn(7); err == nil || !strings.Contains(err.Error(), "make 8 pieces") {
		t.Errorf("too small: %v", err)
	}
}

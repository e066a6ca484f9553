package tokenizer

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"
	"unicode/utf8"
)

// A Counter counts the words of texts, for a vocabulary to be learned from them.
type Counter struct {
	opt   Options
	norm  normalizer
	buf   scratch
	words map[string]int
}

// NewCounter counts words as a tokenizer of these options finds them.
func NewCounter(opt Options) *Counter {
	opt = opt.withDefaults()
	return &Counter{opt: opt, norm: opt.normalizer(), words: map[string]int{}}
}

// Add counts the words of a text. Words longer than MaxWordRunes do not count:
// the tokenizer never looks into them.
func (c *Counter) Add(text string) {
	c.buf.text = c.norm.step(&c.buf, c.buf.text[:0], []byte(text))
	for rest := c.buf.text; ; {
		var word []byte
		if word, rest = nextWord(rest); len(word) == 0 {
			return
		}
		if utf8.RuneCount(word) <= c.opt.MaxWordRunes {
			c.words[string(word)]++
		}
	}
}

// Words is how many different words were counted.
func (c *Counter) Words() int { return len(c.words) }

// maxAlphabet is the most characters a learned vocabulary spells with, as many as
// in transformers' own training of WordPiece: the rest of a text in many scripts
// is [UNK].
const maxAlphabet = 1000

// Learn makes a vocabulary of at most size pieces from the words so far: BERT's
// special tokens, the characters of the words, and then, one at a time, the
// pair of neighbouring pieces that is most frequent over all words, joined (Sennrich
// et al. 2016, byte-pair encoding; Hugging Face's WordPiece trainer does the same).
// A pair must occur twice. The vocabulary depends on the counts alone.
func (c *Counter) Learn(size int) ([]string, error) {
	l := learner{prefix: c.opt.Prefix, ids: map[string]int32{}, pairs: map[pair]*pairCount{}}
	special := []string{"[PAD]", c.opt.Unknown, c.opt.CLS, c.opt.SEP, "[MASK]"}
	for _, s := range special {
		l.id(s)
	}
	l.spell(c.words)
	if len(l.words) == 0 {
		return nil, fmt.Errorf("the texts hold no words")
	}
	if len(l.pieces) > size {
		return nil, fmt.Errorf("the characters of the texts and %d special tokens make %d pieces, want a vocabulary of at least as many, not %d",
			len(special), len(l.pieces), size)
	}
	for len(l.pieces) < size && l.join() {
	}
	return l.pieces, nil
}

// learner is a vocabulary as it grows.
type learner struct {
	prefix string
	pieces []string
	ids    map[string]int32
	words  []spelling
	pairs  map[pair]*pairCount
	queue  pairQueue
}

// spelling is a word in the pieces so far.
type spelling struct {
	pieces []int32
	count  int
}

// pair is two neighbouring pieces of a word.
type pair struct{ left, right int32 }

// pairCount is how often a pair occurs, and the words it was seen in.
type pairCount struct {
	count int
	words []int32
}

// id is the id of a piece, which it adds if it is new.
func (l *learner) id(piece string) int32 {
	id, ok := l.ids[piece]
	if !ok {
		id = int32(len(l.pieces))
		l.ids[piece] = id
		l.pieces = append(l.pieces, piece)
	}
	return id
}

// spell starts with every word in single characters, leaving out words with one
// beyond the alphabet.
func (l *learner) spell(counts map[string]int) {
	words := make([]string, 0, len(counts))
	for w := range counts {
		words = append(words, w)
	}
	slices.Sort(words)
	known := alphabet(words, counts)
	for _, piece := range l.characters(words, known) {
		l.id(piece)
	}
	for _, w := range words {
		if s, ok := l.spelled(w, known); ok {
			l.words = append(l.words, spelling{s, counts[w]})
		}
	}
	for i, w := range l.words {
		l.count(int32(i), w.pieces, w.count)
	}
	for p, c := range l.pairs {
		l.queue = append(l.queue, queued{p, c.count})
	}
	heap.Init(&l.queue)
}

// alphabet is the most frequent characters of the words.
func alphabet(words []string, counts map[string]int) map[rune]bool {
	frequency := map[rune]int{}
	for _, w := range words {
		for _, r := range w {
			frequency[r] += counts[w]
		}
	}
	runes := make([]rune, 0, len(frequency))
	for r := range frequency {
		runes = append(runes, r)
	}
	slices.SortFunc(runes, func(a, b rune) int { return cmp.Or(cmp.Compare(frequency[b], frequency[a]), cmp.Compare(a, b)) })
	known := map[rune]bool{}
	for _, r := range runes[:min(len(runes), maxAlphabet)] {
		known[r] = true
	}
	return known
}

// characters are the pieces of one character that the words need, sorted.
func (l *learner) characters(words []string, known map[rune]bool) []string {
	needed := map[string]bool{}
	for _, w := range words {
		for i, r := range w {
			if known[r] {
				needed[l.piece(r, i > 0)] = true
			}
		}
	}
	list := make([]string, 0, len(needed))
	for piece := range needed {
		list = append(list, piece)
	}
	slices.Sort(list)
	return list
}

func (l *learner) piece(r rune, goesOn bool) string {
	if goesOn {
		return l.prefix + string(r)
	}
	return string(r)
}

func (l *learner) spelled(word string, known map[rune]bool) (pieces []int32, ok bool) {
	for i, r := range word {
		if !known[r] {
			return nil, false
		}
		pieces = append(pieces, l.ids[l.piece(r, i > 0)])
	}
	return pieces, true
}

// count adds a word's pairs, by times its occurrences.
func (l *learner) count(word int32, pieces []int32, times int) {
	for i := range len(pieces) - 1 {
		p := pair{pieces[i], pieces[i+1]}
		c := l.pairs[p]
		if c == nil {
			c = &pairCount{}
			l.pairs[p] = c
		}
		c.count += times
		if n := len(c.words); times > 0 && (n == 0 || c.words[n-1] != word) {
			c.words = append(c.words, word)
		}
	}
}

// join makes one piece of the most frequent pair, in every word; it reports false
// when no pair occurs twice.
func (l *learner) join() bool {
	for len(l.queue) > 0 {
		best := heap.Pop(&l.queue).(queued)
		c := l.pairs[best.pair]
		if c == nil || c.count < best.count { // it has changed since it was queued
			if c != nil {
				heap.Push(&l.queue, queued{best.pair, c.count})
			}
			continue
		}
		if c.count < 2 {
			return false
		}
		joined := l.id(l.pieces[best.left] + l.pieces[best.right][len(l.prefix):])
		fresh := map[pair]bool{}
		for _, w := range c.words {
			l.rewrite(w, best.pair, joined, fresh)
		}
		delete(l.pairs, best.pair)
		for p := range fresh {
			heap.Push(&l.queue, queued{p, l.pairs[p].count})
		}
		return true
	}
	return false
}

// rewrite spells a word with a joined pair, counts its pairs anew, and notes those
// that the joined piece makes.
func (l *learner) rewrite(word int32, p pair, joined int32, fresh map[pair]bool) {
	w := &l.words[word]
	l.count(word, w.pieces, -w.count)
	kept := w.pieces[:0]
	for i := 0; i < len(w.pieces); i++ {
		if i+1 < len(w.pieces) && (pair{w.pieces[i], w.pieces[i+1]}) == p {
			kept = append(kept, joined)
			i++
		} else {
			kept = append(kept, w.pieces[i])
		}
	}
	w.pieces = kept
	l.count(word, kept, w.count)
	for i := range len(kept) - 1 {
		if kept[i] == joined || kept[i+1] == joined {
			fresh[pair{kept[i], kept[i+1]}] = true
		}
	}
}

// queued is a pair and how often it occurred when it was queued.
type queued struct {
	pair
	count int
}

// pairQueue has the most frequent pair first, of equals the one of lower ids.
type pairQueue []queued

func (q pairQueue) Len() int      { return len(q) }
func (q pairQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q pairQueue) Less(i, j int) bool {
	a, b := q[i], q[j]
	return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.left, b.left), cmp.Compare(a.right, b.right)) < 0
}
func (q *pairQueue) Push(x any) { *q = append(*q, x.(queued)) }
func (q *pairQueue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

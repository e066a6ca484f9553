package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// lexicon finds the longest piece that a word begins with.
type lexicon struct {
	ids     map[string]int32
	longest int // bytes of the longest piece
}

// newLexicons splits a vocabulary into the pieces that can begin a word and
// those that can go on with one (stored without their prefix, "##").
func newLexicons(vocab map[string]int32, prefix string) (heads, tails lexicon) {
	heads.ids = make(map[string]int32, len(vocab))
	tails.ids = make(map[string]int32)
	for piece, id := range vocab {
		heads.add(piece, id)
		if tail, ok := strings.CutPrefix(piece, prefix); ok {
			tails.add(tail, id)
		}
	}
	return heads, tails
}

func (l *lexicon) add(piece string, id int32) {
	l.ids[piece] = id
	l.longest = max(l.longest, len(piece))
}

// prefix returns the longest piece at the start of word and its length in
// bytes, 0 if there is none.
func (l *lexicon) prefix(word []byte) (id int32, n int) {
	for n = min(len(word), l.longest); n > 0; n-- {
		if n < len(word) && !utf8.RuneStart(word[n]) {
			continue
		}
		if id, ok := l.ids[string(word[:n])]; ok {
			return id, n
		}
	}
	return 0, 0
}

// cut appends the pieces of a word, longest first from the left, or the unknown piece
// if the word is too long or a part of it is not in the vocabulary.
func (w *WordPiece) cut(_ *scratch, ids []int32, word []byte) []int32 {
	if len(word) > w.maxRunes && utf8.RuneCount(word) > w.maxRunes {
		return append(ids, w.unknown)
	}
	mark := len(ids)
	for pieces := &w.heads; len(word) > 0; pieces = &w.tails {
		id, n := pieces.prefix(word)
		if n == 0 {
			return append(ids[:mark], w.unknown)
		}
		ids, word = append(ids, id), word[n:]
	}
	return ids
}

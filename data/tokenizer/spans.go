package tokenizer

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// A Span is a word of a text: where it stands there, and the pieces it became.
type Span struct {
	Text       string // as the text has it
	Start, End int    // characters of the text (Unicode code points)
	From, To   int    // of Pieces(text)
}

// mostEnds is how many ends of words are looked for between two spaces. Each costs a pass
// over the text, and what no space divides may be long.
const mostEnds = 64

// Spans returns the words that the first n pieces of a text are of. A word is a run of
// letters and digits or another sign by itself, or several of these where a piece spans
// them: it ends where the pieces of the text so far begin those of the whole text, so that
// no normalisation needs to be undone. Characters that leave no piece are part of no word,
// or of the one that they are amid; pieces of space at the end are part of the last one or
// of none.
func Spans(t Tokenizer, text string, n int) []Span {
	pieces := t.Pieces(text)
	words := spanning{text: text, most: min(n, len(pieces))}
	begin, end := -1, 0
	for _, run := range runs(text) {
		if words.pieces >= words.most {
			return words.list
		}
		if begin < 0 {
			begin = run.from
		}
		end = run.to
		if head := t.Pieces(text[:end]); len(head) <= len(pieces) && slices.Equal(head, pieces[:len(head)]) {
			words.add(begin, end, len(head))
			begin = -1
		}
	}
	if begin >= 0 {
		words.add(begin, end, len(pieces))
	}
	return words.list
}

// A spanning is the words of a text so far.
type spanning struct {
	text         string
	most         int // pieces that words are wanted of
	bytes, runes int // of the text, up to the last word's end
	pieces       int // of the words
	list         []Span
}

// add adds the word text[begin:end], after which there are so many pieces, if any is its own.
func (s *spanning) add(begin, end, pieces int) {
	if pieces = min(pieces, s.most); pieces <= s.pieces {
		return
	}
	start := s.runes + utf8.RuneCountInString(s.text[s.bytes:begin])
	s.bytes, s.runes = end, start+utf8.RuneCountInString(s.text[begin:end])
	s.list = append(s.list, Span{s.text[begin:end], start, s.runes, s.pieces, pieces})
	s.pieces = pieces
}

// runs parts a text into what may be words, without the space between them.
func runs(text string) (list []span) {
	before, ends := ' ', 0
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case unicode.IsSpace(r):
			ends = 0
		case unicode.IsSpace(before) || ends < mostEnds && !joins(before, r):
			list, ends = append(list, span{from: at, to: at + size}), ends+1
		default:
			list[len(list)-1].to = at + size
		}
		before, at = r, at+size
	}
	return list
}

// joins tells whether a character goes on with the run of the one before it: marks go on
// with any, letters and digits with each other, but an ideograph is a word of its own.
func joins(before, r rune) bool {
	inRun := func(r rune) bool {
		return unicode.In(r, unicode.L, unicode.M, unicode.N) && !unicode.Is(unicode.Han, r)
	}
	return unicode.Is(unicode.M, r) || inRun(before) && inRun(r)
}

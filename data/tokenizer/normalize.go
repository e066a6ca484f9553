package tokenizer

import (
	"slices"
	"unicode/utf8"
)

// normalizer is BERT's clean-up of raw text. The order of the steps matters:
// İ loses its dot as an accent before it is lowered.
type normalizer struct {
	clean   bool // drop control characters, turn white space into spaces
	chinese bool // put a space on both sides of a CJK character
	strip   bool // decompose (NFD) and drop nonspacing marks
	lower   bool
}

// scratch holds the buffers of one Encode, so that a call allocates its result
// and little else.
type scratch struct {
	runes, spare []rune
	text         []byte

	other []byte     // of Unigram: text before a step
	meta  []byte     // a stretch of text with ▁ for spaces
	paths []bestPath // by where a path ends in a word
	cuts  []int32    // ids of a word, last one first
}

// normalize returns text normalised; the result lives in s until the next call.
// Bytes that are not UTF-8 count as U+FFFD.
func (n normalizer) normalize(s *scratch, text string) []byte {
	if isASCII(text) {
		return n.ascii(s, text)
	}
	s.runes = n.decode(s.runes[:0], text)
	if n.strip {
		s.spare = stripAccents(s.spare[:0], s.runes)
		s.runes, s.spare = s.spare, s.runes
	}
	if n.lower {
		s.spare = s.spare[:0]
		for _, r := range s.runes {
			s.spare = appendLower(s.spare, r)
		}
		s.runes, s.spare = s.spare, s.runes
	}
	s.text = s.text[:0]
	for _, r := range s.runes {
		s.text = utf8.AppendRune(s.text, r)
	}
	return s.text
}

// ascii is normalize for plain text, where nothing decomposes.
func (n normalizer) ascii(s *scratch, text string) []byte {
	s.text = s.text[:0]
	for i := range len(text) {
		c := text[i]
		if n.clean && isControl(rune(c)) {
			continue
		}
		if n.clean && isSpace(rune(c)) {
			c = ' '
		}
		if n.lower && 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		s.text = append(s.text, c)
	}
	return s.text
}

// decode appends the runes of text, cleaned and with CJK set apart.
func (n normalizer) decode(dst []rune, text string) []rune {
	for _, r := range text {
		switch {
		case n.clean && (r == utf8.RuneError || isControl(r)):
		case n.clean && isSpace(r):
			dst = append(dst, ' ')
		case n.chinese && isChinese(r):
			dst = append(dst, ' ', r, ' ')
		default:
			dst = append(dst, r)
		}
	}
	return dst
}

// stripAccents appends src in canonical decomposition, without its nonspacing
// marks.
func stripAccents(dst, src []rune) []rune {
	for _, r := range src {
		dst = appendDecomposed(dst, r)
	}
	reorder(dst)
	return slices.DeleteFunc(dst, isMark)
}

// reorder sorts every run of combining characters by their class, in place, as
// canonical ordering demands. (norm.NFD would also insert U+034F into runs of
// more than 30, which the reference does not.)
func reorder(text []rune) {
	for start := 0; start < len(text); start++ {
		end := start
		for end < len(text) && combiningClass(text[end]) != 0 {
			end++
		}
		if end-start > 1 {
			slices.SortStableFunc(text[start:end], func(a, b rune) int {
				return int(combiningClass(a)) - int(combiningClass(b))
			})
		}
		start = end
	}
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

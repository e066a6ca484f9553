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

// step appends src normalised.
func (n normalizer) step(s *scratch, dst, src []byte) []byte {
	if isASCII(src) {
		return n.ascii(s, dst, src)
	}
	s.runes = n.decode(s, src)
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
	return appendRunes(dst, s.runes)
}

// ascii is step for plain text, where nothing decomposes.
func (n normalizer) ascii(s *scratch, dst, src []byte) []byte {
	for i, c := range src {
		if n.clean && isControl(rune(c)) {
			s.cutStart = s.cutStart || i == 0
			continue
		}
		if n.clean && isSpace(rune(c)) {
			c = ' '
		}
		if n.lower && 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// decode are the runes of text, cleaned and with CJK set apart; they live in s.
func (n normalizer) decode(s *scratch, text []byte) []rune {
	dst := s.runes[:0]
	for at := 0; at < len(text); {
		r, size := decodeRune(text[at:])
		switch {
		case n.clean && (r == utf8.RuneError || isControl(r)):
			s.cutStart = s.cutStart || at == 0
		case n.clean && isSpace(r):
			dst = append(dst, ' ')
		case n.chinese && isChinese(r):
			dst = append(dst, ' ', r, ' ')
		default:
			dst = append(dst, r)
		}
		at += size
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

func isASCII[T string | []byte](text T) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

package tokenizer

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// decomposeStep is NFD or NFKD, by how a character is decomposed.
func decomposeStep(decompose func([]rune, rune) []rune) step {
	return func(s *scratch, dst, src []byte) []byte {
		if isASCII(src) {
			return append(dst, src...)
		}
		return appendRunes(dst, s.decomposed(src, decompose))
	}
}

// composeStep is NFC or NFKC.
func composeStep(decompose func([]rune, rune) []rune) step {
	return func(s *scratch, dst, src []byte) []byte {
		if isASCII(src) {
			return append(dst, src...)
		}
		return appendRunes(dst, compose(s.decomposed(src, decompose)))
	}
}

// decomposed is text decomposed, in the order of combining classes; it lives in s.
func (s *scratch) decomposed(text []byte, decompose func([]rune, rune) []rune) []rune {
	s.runes = s.runes[:0]
	for len(text) > 0 {
		r, n := decodeRune(text)
		s.runes, text = decompose(s.runes, r), text[n:]
	}
	reorder(s.runes)
	return s.runes
}

// appendCompatible appends the full compatibility decomposition of r.
func appendCompatible(dst []rune, r rune) []rune {
	if hangul := 0xAC00 <= r && r <= 0xD7A3; r < 0xA0 || hangul || !unicode.Is(assigned9, r) {
		return appendDecomposed(dst, r)
	}
	return appendParts(dst, r, norm.NFKD)
}

// compose joins, in place, each character with the last starter before it, unless one
// of the same class or of class 0 stands between (Unicode 3.11, D117).
func compose(text []rune) []rune {
	starter, last, n := -1, uint8(0), 0
	for _, r := range text {
		class := combiningClass(r)
		if starter >= 0 && (n == starter+1 || last != 0 && last < class) {
			if joined, ok := joinRunes(text[starter], r); ok {
				text[starter] = joined
				continue
			}
		}
		if class == 0 {
			starter = n
		}
		text[n], last = r, class
		n++
	}
	return text[:n]
}

// joinRunes is the character that a and b compose to.
func joinRunes(a, b rune) (rune, bool) {
	if b < 0x300 || !unicode.Is(assigned9, a) || !unicode.Is(assigned9, b) {
		return 0, false
	}
	var buf [2 * utf8.UTFMax]byte
	n := utf8.EncodeRune(buf[:], a)
	n += utf8.EncodeRune(buf[n:], b)
	whole := norm.NFC.Append(make([]byte, 0, 4*utf8.UTFMax), buf[:n]...)
	r, size := utf8.DecodeRune(whole)
	return r, size == len(whole) && unicode.Is(assigned9, r)
}

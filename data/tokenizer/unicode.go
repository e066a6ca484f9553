package tokenizer

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/unicode/rangetable"
)

// The reference mixes three editions of Unicode: its character categories are
// those of 8.0, its decompositions those of 9.0, its lower case that of 17.0
// (measured over every code point with tokenizers 0.23.2; the sweep is part of
// the fixtures). Go's tables are newer than the first two and, up to Go 1.26,
// older than the third. Characters that came later than an edition count as
// unassigned in it, and the few that changed category are listed here.
var (
	assigned8 = rangetable.Assigned("8.0.0")
	assigned9 = rangetable.Assigned("9.0.0")

	// punctuation then, another category since: CANADIAN SYLLABICS CHI SIGN,
	// SHARADA SANDHI MARK.
	oncePunct = rangetable.New(0x166D, 0x111C9)
	// nonspacing then, spacing since: HANUNOO SIGN PAMUDPOD, and from 16.0 AHOM
	// CONSONANT SIGN MEDIAL RA.
	onceMark = rangetable.New(0x1734, 0x1171E)
	// nonspacing since, letters, spacing marks or punctuation then: MONGOLIAN
	// LETTER ALI GALI BALUDA and THREE BALUDA, JAVANESE CONSONANT SIGN KERET,
	// SHARADA SANDHI MARK.
	notYetMark = rangetable.New(0x1885, 0x1886, 0xA9BD, 0x111C9)
	// marks in 9.0, letters since: VEDIC SIGN ARDHAVISARGA and its rotated form.
	onceCombining = rangetable.New(0x1CF2, 0x1CF3)
	// punctuation in 9.0, a mark since: SHARADA SANDHI MARK.
	notYetCombining = rangetable.New(0x111C9)
)

// lowerSince15 holds the capitals of Unicode 16.0 and 17.0: each of lo..hi has
// its small letter delta further on.
var lowerSince15 = []struct{ lo, hi, delta rune }{
	{0x1C89, 0x1C89, 1},
	{0xA7CB, 0xA7CB, 0x264 - 0xA7CB},
	{0xA7CC, 0xA7CC, 1},
	{0xA7CE, 0xA7CE, 1},
	{0xA7D2, 0xA7D2, 1},
	{0xA7D4, 0xA7D4, 1},
	{0xA7DA, 0xA7DA, 1},
	{0xA7DC, 0xA7DC, 0x19B - 0xA7DC},
	{0x10D50, 0x10D65, 0x20},
	{0x16EA0, 0x16EB8, 0x1B},
}

// isSpace is Unicode's White_Space.
func isSpace(r rune) bool { return unicode.IsSpace(r) }

// isControl is Cc, Cf and Co, without the three that count as white space. The
// original of Google also removes unassigned code points; the reference does not.
func isControl(r rune) bool {
	switch {
	case r == '\t' || r == '\n' || r == '\r':
		return false
	case r < utf8.RuneSelf:
		return r < ' ' || r == 0x7F
	case unicode.Is(unicode.Co, r):
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf) && unicode.Is(assigned8, r)
}

// isPunct is every ASCII symbol and Unicode's P*.
func isPunct(r rune) bool {
	if r < utf8.RuneSelf {
		return '!' <= r && r <= '/' || ':' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
	}
	if unicode.IsPunct(r) {
		return unicode.Is(assigned8, r)
	}
	return unicode.Is(oncePunct, r)
}

// isMark is Mn, the marks that strip_accents removes.
func isMark(r rune) bool {
	if r < 0x300 {
		return false
	}
	if unicode.Is(unicode.Mn, r) {
		return unicode.Is(assigned8, r) && !unicode.Is(notYetMark, r)
	}
	return unicode.Is(onceMark, r)
}

// isCombining is M, the marks that ALBERT's StripAccents removes, in the edition of
// the decompositions.
func isCombining(r rune) bool {
	switch {
	case r < 0x300 || !unicode.Is(assigned9, r):
		return false
	case unicode.Is(unicode.M, r):
		return !unicode.Is(notYetCombining, r)
	}
	return unicode.Is(onceCombining, r)
}

// isChinese is the CJK blocks that BERT puts spaces around. Kana and Hangul are
// not among them.
func isChinese(r rune) bool {
	switch {
	case r < 0x3400:
		return false
	case r <= 0x4DBF, 0x4E00 <= r && r <= 0x9FFF, 0xF900 <= r && r <= 0xFAFF:
		return true
	case 0x20000 <= r && r <= 0x2A6DF, 0x2A700 <= r && r <= 0x2B81F:
		return true
	}
	return 0x2B920 <= r && r <= 0x2CEAF || 0x2F800 <= r && r <= 0x2FA1F
}

// appendLower appends the small letter of r. Only İ has one of two characters
// (i and a dot above), and no letter looks at its neighbours: Σ is always σ.
func appendLower(dst []rune, r rune) []rune {
	if r == 'İ' {
		return append(dst, 'i', 0x307)
	}
	for _, c := range lowerSince15 {
		if c.lo <= r && r <= c.hi {
			return append(dst, r+c.delta)
		}
	}
	return append(dst, unicode.ToLower(r))
}

// appendDecomposed appends the full canonical decomposition of r.
func appendDecomposed(dst []rune, r rune) []rune {
	switch {
	case r < 0xC0:
		return append(dst, r)
	case 0xAC00 <= r && r <= 0xD7A3:
		return appendJamo(dst, r-0xAC00)
	case !unicode.Is(assigned9, r):
		return append(dst, r)
	}
	return appendParts(dst, r, norm.NFD)
}

// appendParts appends the decomposition that a form has of r, or r itself.
func appendParts(dst []rune, r rune, form norm.Form) []rune {
	var buf [utf8.UTFMax]byte
	n := utf8.EncodeRune(buf[:], r)
	parts := form.Properties(buf[:n]).Decomposition()
	if len(parts) == 0 {
		return append(dst, r)
	}
	for len(parts) > 0 {
		part, n := utf8.DecodeRune(parts)
		dst, parts = append(dst, part), parts[n:]
	}
	return dst
}

// appendJamo appends the two or three jamo of Hangul syllable number s
// (Unicode chapter 3.12: 19 × 21 × 28 syllables, 21 · 28 = 588).
func appendJamo(dst []rune, s rune) []rune {
	dst = append(dst, 0x1100+s/588, 0x1161+s%588/28)
	if tail := s % 28; tail > 0 {
		dst = append(dst, 0x11A7+tail)
	}
	return dst
}

// combiningClass is the canonical combining class of r, 0 for a starter.
func combiningClass(r rune) uint8 {
	if r < 0x300 || !unicode.Is(assigned9, r) {
		return 0
	}
	var buf [utf8.UTFMax]byte
	n := utf8.EncodeRune(buf[:], r)
	return norm.NFD.Properties(buf[:n]).CCC()
}

package tokenizer

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/rangetable"
)

// since15 holds what Unicode 16.0 brought, by the category that a regular expression
// asks for, as the first and the last of each run; Go up to 1.26 has 15.0. The
// reference's regular expressions are Oniguruma's and Rust's, both of 16.0 (measured
// over every code point with tokenizers 0.23.3).
var since15 = map[string][]rune{
	"L": {0x1C89, 0x1C8A, 0xA7CB, 0xA7CD, 0xA7DA, 0xA7DC, 0x105C0, 0x105F3, 0x10D4A, 0x10D65, 0x10D6F, 0x10D85, 0x10EC2, 0x10EC4,
		0x11380, 0x11389, 0x1138B, 0x1138B, 0x1138E, 0x1138E, 0x11390, 0x113B5, 0x113B7, 0x113B7, 0x113D1, 0x113D1, 0x113D3, 0x113D3,
		0x11BC0, 0x11BE0, 0x13460, 0x143FA, 0x16100, 0x1611D, 0x16D40, 0x16D6C, 0x18CFF, 0x18CFF, 0x1E5D0, 0x1E5ED, 0x1E5F0, 0x1E5F0,
		0x2EBF0, 0x2EE5D},
	"N": {0x10D40, 0x10D49, 0x116D0, 0x116E3, 0x11BF0, 0x11BF9, 0x16130, 0x16139, 0x16D70, 0x16D79, 0x1CCF0, 0x1CCF9, 0x1E5F1, 0x1E5FA},
	"M": {0x897, 0x897, 0x10D69, 0x10D6D, 0x10EFC, 0x10EFC, 0x113B8, 0x113C0, 0x113C2, 0x113C2, 0x113C5, 0x113C5, 0x113C7, 0x113CA,
		0x113CC, 0x113D0, 0x113D2, 0x113D2, 0x113E1, 0x113E2, 0x11F5A, 0x11F5A, 0x1611E, 0x1612F, 0x1E5EE, 0x1E5EF},
	"P": {0x1B4E, 0x1B4F, 0x1B7F, 0x1B7F, 0x10D6E, 0x10D6E, 0x113D4, 0x113D5, 0x113D7, 0x113D8, 0x11BE1, 0x11BE1, 0x16D6D, 0x16D6F,
		0x1E5FF, 0x1E5FF},
}

var (
	newLetters, newNumbers, newMarks = ranges(since15["L"]...), ranges(since15["N"]...), ranges(since15["M"]...)
)

// numericSince16 are the numbers of Unicode 17.0, which the reference's Digits has.
var numericSince16 = ranges(0x11DE0, 0x11DE9, 0x16FF4, 0x16FF6)

// ranges is the table of the code points from each first to the second of two.
func ranges(bounds ...rune) *unicode.RangeTable {
	var all []rune
	for i := 0; i < len(bounds); i += 2 {
		for r := bounds[i]; r <= bounds[i+1]; r++ {
			all = append(all, r)
		}
	}
	return rangetable.New(all...)
}

// isLetter is a regular expression's \p{L}.
func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	return unicode.Is(unicode.L, r) || unicode.Is(newLetters, r)
}

// isNumber is a regular expression's \p{N}.
func isNumber(r rune) bool {
	if r < utf8.RuneSelf {
		return '0' <= r && r <= '9'
	}
	return unicode.Is(unicode.N, r) || unicode.Is(newNumbers, r)
}

// isNumeric is what Digits sets apart: Rust's char::is_numeric.
func isNumeric(r rune) bool {
	return isNumber(r) || r >= utf8.RuneSelf && unicode.Is(numericSince16, r)
}

// isWordRune is a regular expression's Unicode \w, which decides where a
// single-word token may stand and what Whitespace keeps together.
func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return isLetter(r) || isNumber(r) || r == '_'
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc,
		unicode.Other_Alphabetic, unicode.Join_Control, newLetters, newMarks, newNumbers)
}

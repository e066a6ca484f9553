package shingles

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Normal is a text in lower case with compatible characters made one (NFKC).
func Normal(text string) string { return strings.ToLower(norm.NFKC.String(text)) }

// EachWord yields the runs of letters and digits of a normal text, and with signs also those of
// other characters that are no spaces.
func EachWord(text string, signs bool) iter.Seq[string] {
	return func(yield func(string) bool) {
		from, was := 0, space
		for i, r := range text {
			is := classOf(r)
			if is == was {
				continue
			}
			if (was == word || was == sign && signs) && !yield(text[from:i]) {
				return
			}
			from, was = i, is
		}
		if was == word || was == sign && signs {
			yield(text[from:])
		}
	}
}

// The classes of characters.
const (
	space = iota
	word
	sign
)

// classOf is the class of a character.
func classOf(r rune) int {
	switch {
	case r < utf8.RuneSelf && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9'):
		return word
	case r < utf8.RuneSelf && r > ' ':
		return sign
	case unicode.IsSpace(r):
		return space
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
		return word
	}
	return sign
}

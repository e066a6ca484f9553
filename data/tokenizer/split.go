package tokenizer

import "unicode/utf8"

// nextWord returns the first word of normalised text and what follows it: a
// punctuation character, or everything up to white space or punctuation. The
// word is empty at the end of the text.
func nextWord(text []byte) (word, rest []byte) {
	start := 0
	for start < len(text) {
		r, n := decodeRune(text[start:])
		if !isSpace(r) {
			break
		}
		start += n
	}
	end := start
	for end < len(text) {
		r, n := decodeRune(text[end:])
		if isPunct(r) && end == start {
			return text[start : end+n], text[end+n:]
		}
		if isPunct(r) || isSpace(r) {
			break
		}
		end += n
	}
	return text[start:end], text[end:]
}

// decodeRune is utf8.DecodeRune with the common case in line.
func decodeRune(text []byte) (rune, int) {
	if text[0] < utf8.RuneSelf {
		return rune(text[0]), 1
	}
	return utf8.DecodeRune(text)
}

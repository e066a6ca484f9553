package tokenizer

import (
	"bytes"
	"unicode/utf8"
)

// byteLevel is the pre-tokenizer of GPT-2 and RoBERTa: words with the space before
// them, in whose place and that of every other byte stands a character that prints.
type byteLevel struct {
	prefix bool // the text begins with a space, if need be one of ours
	split  bool // into words; else the text stays whole
}

// byteChars are the characters for the bytes: those that print stand for themselves,
// the others for U+0100 and following (openai/gpt-2, encoder.py).
var byteChars = func() (chars [256]rune) {
	next := rune(256)
	for b := range chars {
		if '!' <= b && b <= '~' || 0xA1 <= b && b <= 0xAC || 0xAE <= b {
			chars[b] = rune(b)
		} else {
			chars[b] = next
			next++
		}
	}
	return chars
}()

// charBytes is the opposite of byteChars; -1 is no byte.
var charBytes = func() (bytes [512]int16) {
	for i := range bytes {
		bytes[i] = -1
	}
	for b, c := range byteChars {
		bytes[c] = int16(b)
	}
	return bytes
}()

// textOfBytes is the text of a piece in byteChars; a piece with another character stands
// for itself.
func textOfBytes(piece string) string {
	text := make([]byte, 0, len(piece))
	for _, r := range piece {
		if int(r) >= len(charBytes) || charBytes[r] < 0 {
			return piece
		}
		text = append(text, byte(charBytes[r]))
	}
	return string(text)
}

// appendBytes appends the characters for the bytes of text.
func appendBytes(dst, text []byte) []byte {
	for _, b := range text {
		if '!' <= b && b <= '~' {
			dst = append(dst, b)
		} else {
			dst = utf8.AppendRune(dst, byteChars[b])
		}
	}
	return dst
}

// bytesStep is appendBytes as a normalisation.
func bytesStep(_ *scratch, dst, src []byte) []byte { return appendBytes(dst, src) }

func (p byteLevel) divide(s *scratch, dst, src *division) {
	out, spans := s.fresh(), dst.spans[:0]
	for _, sp := range src.spans {
		text := src.text[sp.from:sp.to]
		if p.prefix && text[0] != ' ' {
			s.prefixed = append(append(s.prefixed[:0], ' '), text...)
			text = s.prefixed
		}
		for first := sp.first; len(text) > 0; first = false {
			n := len(text)
			if p.split {
				n = nextGPT2(text)
			}
			from := len(out)
			out = appendBytes(out, text[:n])
			spans = append(spans, span{from, len(out), first})
			text = text[n:]
		}
	}
	dst.text, dst.spans = s.keep(out), spans
}

// contractions are what GPT-2 cuts off a word.
var contractions = []string{"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}

// nextGPT2 is the length of the first match in text of
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
func nextGPT2(text []byte) int {
	if text[0] == '\'' {
		for _, c := range contractions {
			if bytes.HasPrefix(text, []byte(c)) {
				return len(c)
			}
		}
	}
	start := 0
	if text[0] == ' ' && len(text) > 1 {
		start = 1
	}
	r, n := decodeRune(text[start:])
	kind := kindOf(r)
	if kind == space {
		return spacesBefore(text)
	}
	end := start + n
	for end < len(text) {
		r, n := decodeRune(text[end:])
		if kindOf(r) != kind {
			break
		}
		end += n
	}
	return end
}

// spacesBefore is the length of the white space that text begins with, but for its last
// character if something follows and there are several.
func spacesBefore(text []byte) int {
	end, last := 0, 0
	for end < len(text) {
		r, n := decodeRune(text[end:])
		if !isSpace(r) {
			break
		}
		end, last = end+n, n
	}
	if end < len(text) && end > last {
		return end - last
	}
	return end
}

// The kinds of characters that nextGPT2 keeps together.
const (
	space = iota
	letter
	number
	other
)

var asciiKinds = func() (kinds [utf8.RuneSelf]uint8) {
	for c := range kinds {
		kinds[c] = slowKind(rune(c))
	}
	return kinds
}()

func kindOf(r rune) uint8 {
	if r < utf8.RuneSelf {
		return asciiKinds[r]
	}
	return slowKind(r)
}

func slowKind(r rune) uint8 {
	switch {
	case isLetter(r):
		return letter
	case isNumber(r):
		return number
	case isSpace(r):
		return space
	}
	return other
}

package tokenizer

import (
	"bytes"
	"unicode/utf8"
)

// joinSpaces makes one space of several.
func joinSpaces(_ *scratch, dst, src []byte) []byte {
	for i, c := range src {
		if c != ' ' || i == 0 || src[i-1] != ' ' {
			dst = append(dst, c)
		}
	}
	return dst
}

func stripStep(left, right bool) step {
	return func(s *scratch, dst, src []byte) []byte {
		if right {
			src = bytes.TrimRightFunc(src, isSpace)
		}
		if left {
			n := len(src)
			src = bytes.TrimLeftFunc(src, isSpace)
			s.cutStart = s.cutStart || len(src) < n
		}
		return append(dst, src...)
	}
}

func prependStep(text string) step {
	return func(_ *scratch, dst, src []byte) []byte {
		if len(src) == 0 {
			return dst
		}
		return append(append(dst, text...), src...)
	}
}

// dropStep leaves out what is dropped; ASCII is not.
func dropStep(dropped func(rune) bool) step {
	return func(s *scratch, dst, src []byte) []byte {
		if isASCII(src) {
			return append(dst, src...)
		}
		for at := 0; at < len(src); {
			r, n := decodeRune(src[at:])
			if dropped(r) {
				s.cutStart = s.cutStart || at == 0
			} else {
				dst = append(dst, src[at:at+n]...)
			}
			at += n
		}
		return dst
	}
}

// nmtStep is the cleaning of SentencePiece's nmt rules: control characters go, and
// more kinds of white space become spaces.
func nmtStep(s *scratch, dst, src []byte) []byte {
	for at := 0; at < len(src); {
		r, n := decodeRune(src[at:])
		switch {
		case r != 0 && r <= 8 || r == 0xB || 0xE <= r && r <= 0x1F || r == 0x7F || r == 0x8F || r == 0x9F:
			s.cutStart = s.cutStart || at == 0
		case r == '\t' || r == '\n' || r == '\f' || r == '\r' || r == 0x1680 || 0x200B <= r && r <= 0x200F,
			r == 0x2028 || r == 0x2029 || r == 0x2581 || r == 0xFEFF || r == utf8.RuneError:
			dst = append(dst, ' ')
		default:
			dst = append(dst, src[at:at+n]...)
		}
		at += n
	}
	return dst
}

// lowerStep lowers the case.
func lowerStep(s *scratch, dst, src []byte) []byte {
	if !isASCII(src) {
		s.runes = s.runes[:0]
		for len(src) > 0 {
			r, n := decodeRune(src)
			s.runes, src = appendLower(s.runes, r), src[n:]
		}
		return appendRunes(dst, s.runes)
	}
	at := len(dst)
	dst = append(dst, src...)
	for i, c := range dst[at:] {
		if 'A' <= c && c <= 'Z' {
			dst[at+i] += 'a' - 'A'
		}
	}
	return dst
}

func appendRunes(dst []byte, text []rune) []byte {
	for _, r := range text {
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

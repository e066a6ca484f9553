package tokenizer

import (
	"bytes"
	"fmt"

	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A step of the normalisation before Unigram appends what it makes of src to dst.
type step func(s *scratch, dst, src []byte) []byte

// stepJSON is a normalizer of a tokenizer.json, or several in a row.
type stepJSON struct {
	Type     string       `json:"type"`
	Steps    []stepJSON   `json:"normalizers,omitempty"`
	Pattern  *patternJSON `json:"pattern,omitempty"`
	Content  *string      `json:"content,omitempty"`
	Charsmap []byte       `json:"precompiled_charsmap,omitempty"`
}

type patternJSON struct {
	String string `json:"String,omitempty"`
	Regex  string `json:"Regex,omitempty"`
}

// spaces is the one regular expression that a step may have.
const spaces = " {2,}"

// replaceStep is the step that puts content in the place of pattern.
func replaceStep(pattern patternJSON, content string) stepJSON {
	return stepJSON{Type: "Replace", Pattern: &pattern, Content: &content}
}

// albertSteps is the normalisation of an ALBERT, as transformers' AlbertConverter
// writes it.
func albertSteps(cased, keepAccents bool, charsmap []byte) stepJSON {
	all := []stepJSON{replaceStep(patternJSON{String: "``"}, `"`), replaceStep(patternJSON{String: "''"}, `"`)}
	if !keepAccents {
		all = append(all, stepJSON{Type: "NFKD"}, stepJSON{Type: "StripAccents"})
	}
	if !cased {
		all = append(all, stepJSON{Type: "Lowercase"})
	}
	if len(charsmap) > 0 {
		all = append(all, stepJSON{Type: "Precompiled", Charsmap: charsmap})
	}
	return stepJSON{Type: "Sequence", Steps: append(all, replaceStep(patternJSON{Regex: spaces}, " "))}
}

// compile makes the steps, or says which of them is not known.
func (n *stepJSON) compile() ([]step, error) {
	switch n.Type {
	case "":
		return nil, nil
	case "Sequence":
		var all []step
		for _, s := range n.Steps {
			if s.Type == "Sequence" {
				return nil, fmt.Errorf("normalizer: a Sequence in a Sequence, want its steps themselves")
			}
			steps, err := s.compile()
			if err != nil {
				return nil, err
			}
			all = append(all, steps...)
		}
		return all, nil
	case "Replace":
		return n.replace()
	case "NFKD":
		return []step{decomposeStep}, nil
	case "StripAccents":
		return []step{runeStep(func(dst []rune, r rune) []rune {
			if isCombining(r) {
				return dst
			}
			return append(dst, r)
		})}, nil
	case "Lowercase":
		return []step{lowerStep}, nil
	case "Precompiled":
		c, err := newCharsmap(n.Charsmap)
		return []step{func(_ *scratch, dst, src []byte) []byte { return c.appendTo(dst, src) }}, err
	}
	return nil, fmt.Errorf("normalizer.type is %q, want Replace, NFKD, StripAccents, Lowercase or Precompiled, as ALBERT has them", n.Type)
}

func (n *stepJSON) replace() ([]step, error) {
	switch {
	case n.Pattern == nil || n.Content == nil:
		return nil, fmt.Errorf("normalizer: Replace without pattern or content")
	case n.Pattern.Regex == spaces && *n.Content == " ":
		return []step{joinSpaces}, nil
	case n.Pattern.Regex != "" || n.Pattern.String == "":
		return nil, fmt.Errorf("normalizer: Replace of the regular expression %q by %q, want a text, or %q by \" \"", n.Pattern.Regex, *n.Content, spaces)
	}
	old, content := []byte(n.Pattern.String), []byte(*n.Content)
	return []step{func(_ *scratch, dst, src []byte) []byte {
		for {
			before, after, found := bytes.Cut(src, old)
			dst = append(dst, before...)
			if !found {
				return dst
			}
			dst, src = append(dst, content...), after
		}
	}}, nil
}

// joinSpaces makes one space of several.
func joinSpaces(_ *scratch, dst, src []byte) []byte {
	for i, c := range src {
		if c != ' ' || i == 0 || src[i-1] != ' ' {
			dst = append(dst, c)
		}
	}
	return dst
}

// runeStep is a step rune by rune that changes no ASCII.
func runeStep(f func(dst []rune, r rune) []rune) step {
	return func(s *scratch, dst, src []byte) []byte {
		if isASCII(string(src)) {
			return append(dst, src...)
		}
		s.runes = s.runes[:0]
		for len(src) > 0 {
			r, n := utf8.DecodeRune(src)
			s.runes, src = f(s.runes, r), src[n:]
		}
		return appendRunes(dst, s.runes)
	}
}

func appendRunes(dst []byte, text []rune) []byte {
	for _, r := range text {
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// decomposeStep is NFKD.
func decomposeStep(s *scratch, dst, src []byte) []byte {
	at := len(dst)
	dst = runeStep(appendCompatible)(s, dst, src)
	if isASCII(string(dst[at:])) {
		return dst
	}
	reorder(s.runes)
	return appendRunes(dst[:at], s.runes)
}

// appendCompatible appends the full compatibility decomposition of r.
func appendCompatible(dst []rune, r rune) []rune {
	if hangul := 0xAC00 <= r && r <= 0xD7A3; hangul || !unicode.Is(assigned9, r) {
		return appendDecomposed(dst, r)
	}
	return appendParts(dst, r, norm.NFKD)
}

// lowerStep lowers the case.
func lowerStep(s *scratch, dst, src []byte) []byte {
	if !isASCII(string(src)) {
		return runeStep(appendLower)(s, dst, src)
	}
	dst = append(dst, src...)
	for i, c := range dst {
		if 'A' <= c && c <= 'Z' {
			dst[i] += 'a' - 'A'
		}
	}
	return dst
}

package tokenizer

import (
	"fmt"
)

// A step of the normalisation appends what it makes of src to dst. One that drops
// characters from the start of the text says so in s.cutStart.
type step func(s *scratch, dst, src []byte) []byte

// stepJSON is a normalizer of a tokenizer.json, or several in a row.
type stepJSON struct {
	Type     string       `json:"type"`
	Steps    []stepJSON   `json:"normalizers,omitempty"`          // of Sequence
	Pattern  *patternJSON `json:"pattern,omitempty"`              // of Replace
	Content  *string      `json:"content,omitempty"`              // of Replace
	Charsmap []byte       `json:"precompiled_charsmap,omitempty"` // of Precompiled
	Prepend  *string      `json:"prepend,omitempty"`              // of Prepend
	Left     *bool        `json:"strip_left,omitempty"`           // of Strip, as the next
	Right    *bool        `json:"strip_right,omitempty"`
	Clean    *bool        `json:"clean_text,omitempty"` // of BertNormalizer, as the next
	Chinese  *bool        `json:"handle_chinese_chars,omitempty"`
	Accents  setting      `json:"strip_accents,omitzero"` // null is a value: as the case
	Lower    *bool        `json:"lowercase,omitempty"`
}

// sequence is the normalizer of these steps.
func sequence(steps ...stepJSON) *stepJSON { return &stepJSON{Type: "Sequence", Steps: steps} }

// replaceStep is the step that puts content in the place of pattern.
func replaceStep(pattern patternJSON, content string) stepJSON {
	return stepJSON{Type: "Replace", Pattern: &pattern, Content: &content}
}

// precompiled is the step of SentencePiece's table; without a table no step.
func precompiled(charsmap []byte) []stepJSON {
	if len(charsmap) == 0 {
		return nil
	}
	return []stepJSON{{Type: "Precompiled", Charsmap: charsmap}}
}

// simpleSteps are the normalizers without settings, by their types.
var simpleSteps = map[string]step{
	"NFD": decomposeStep(appendDecomposed), "NFKD": decomposeStep(appendCompatible),
	"NFC": composeStep(appendDecomposed), "NFKC": composeStep(appendCompatible),
	"StripAccents": dropStep(isCombining), "Lowercase": lowerStep, "Nmt": nmtStep, "ByteLevel": bytesStep,
}

// compile makes the steps, or says which of them is not known; no steps of nil.
func (n *stepJSON) compile() ([]step, error) {
	if n == nil {
		return nil, nil
	}
	if f, ok := simpleSteps[n.Type]; ok {
		return []step{f}, nil
	}
	switch n.Type {
	case "Sequence":
		return n.compileAll()
	case "BertNormalizer":
		return []step{n.bert().step}, nil
	case "Replace":
		return n.replace()
	case "Strip":
		return []step{stripStep(value(n.Left, true), value(n.Right, true))}, nil
	case "Prepend":
		return []step{prependStep(value(n.Prepend, ""))}, nil
	case "Precompiled":
		c, err := newCharsmap(n.Charsmap)
		return []step{func(_ *scratch, dst, src []byte) []byte { return c.appendTo(dst, src) }}, err
	}
	return nil, fmt.Errorf("normalizer.type is %q, want Sequence, BertNormalizer, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Replace, Prepend, Precompiled, Nmt or ByteLevel", n.Type)
}

func (n *stepJSON) compileAll() ([]step, error) {
	var all []step
	for i := range n.Steps {
		steps, err := n.Steps[i].compile()
		if err != nil {
			return nil, err
		}
		all = append(all, steps...)
	}
	return all, nil
}

// bert are the settings of a BertNormalizer.
func (n *stepJSON) bert() normalizer {
	lower := value(n.Lower, true)
	return normalizer{clean: value(n.Clean, true), chinese: value(n.Chinese, true), strip: value(n.Accents.value, lower), lower: lower}
}

// replace makes the step of a Replace; of several spaces by one in fewer words.
func (n *stepJSON) replace() ([]step, error) {
	if n.Pattern == nil || n.Content == nil {
		return nil, fmt.Errorf("normalizer: Replace without pattern or content")
	}
	if n.Pattern.Regex == " {2,}" && *n.Content == " " {
		return []step{joinSpaces}, nil
	}
	p, err := n.Pattern.compile()
	if err != nil {
		return nil, fmt.Errorf("normalizer: Replace: %w", err)
	}
	content := []byte(*n.Content)
	return []step{func(s *scratch, dst, src []byte) []byte {
		done := 0
		for _, m := range p.matches(s, src) {
			dst = append(append(dst, src[done:m.from]...), content...)
			done = m.to
		}
		return append(dst, src[done:]...)
	}}, nil
}

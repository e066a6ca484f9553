package tokenizer

import (
	"fmt"
	"unicode/utf8"
)

// A division is a text on its way to words.
type division struct {
	text  []byte
	spans []span
}

// A span is a part of a text that becomes a word, or several.
type span struct {
	from, to int
	first    bool // begins where the text as it was given does
}

// A divider cuts the spans of src into those of dst, in whose text they lie. It is a
// pre-tokenizer of the reference.
type divider func(s *scratch, dst, src *division)

// splitJSON is a pre_tokenizer of a tokenizer.json, or several in a row, or one as a
// decoder.
type splitJSON struct {
	Type        string       `json:"type"`
	Steps       []splitJSON  `json:"pretokenizers,omitempty"`     // of Sequence
	Replacement string       `json:"replacement,omitempty"`       // of Metaspace, as the next
	Scheme      string       `json:"prepend_scheme,omitempty"`    // always, first or never
	Split       *bool        `json:"split,omitempty"`             //
	Prefix      *bool        `json:"add_prefix_space,omitempty"`  // of ByteLevel, and of older Metaspaces
	Trim        *bool        `json:"trim_offsets,omitempty"`      // of ByteLevel, as the next
	UseRegex    *bool        `json:"use_regex,omitempty"`         //
	Pattern     *patternJSON `json:"pattern,omitempty"`           // of Split, as the next two
	Behavior    string       `json:"behavior,omitempty"`          // also of Punctuation
	Invert      *bool        `json:"invert,omitempty"`            //
	Individual  *bool        `json:"individual_digits,omitempty"` // of Digits
	Delimiter   string       `json:"delimiter,omitempty"`         // of CharDelimiterSplit
}

// compile makes the dividers, or says which of them is not known; none of nil.
func (p *splitJSON) compile() ([]divider, error) {
	if p == nil {
		return nil, nil
	}
	switch p.Type {
	case "Sequence":
		return p.compileAll()
	case "BertPreTokenizer":
		return []divider{divideBERT}, nil
	case "WhitespaceSplit":
		return []divider{divideRunes(isSpace, removed)}, nil
	case "Whitespace":
		return []divider{divideWords}, nil
	case "ByteLevel":
		return []divider{byteLevel{prefix: value(p.Prefix, true), split: value(p.UseRegex, true)}.divide}, nil
	case "Metaspace":
		return p.metaspace()
	case "Digits":
		if value(p.Individual, false) {
			return []divider{divideRunes(isNumeric, isolated)}, nil
		}
		return []divider{divideRunes(isNumeric, contiguous)}, nil
	case "Punctuation", "Split", "CharDelimiterSplit":
		return p.split()
	}
	return nil, fmt.Errorf("pre_tokenizer.type is %q, want Sequence, BertPreTokenizer, Whitespace, WhitespaceSplit, ByteLevel, Metaspace, Punctuation, Split, Digits or CharDelimiterSplit", p.Type)
}

func (p *splitJSON) compileAll() ([]divider, error) {
	var all []divider
	for i := range p.Steps {
		dividers, err := p.Steps[i].compile()
		if err != nil {
			return nil, err
		}
		all = append(all, dividers...)
	}
	return all, nil
}

// split makes a divider that has a behavior.
func (p *splitJSON) split() ([]divider, error) {
	if p.Type == "CharDelimiterSplit" {
		r, n := utf8.DecodeRuneInString(p.Delimiter)
		if n == 0 || n < len(p.Delimiter) {
			return nil, fmt.Errorf("pre_tokenizer: delimiter is %q, want one character", p.Delimiter)
		}
		return []divider{divideRunes(func(c rune) bool { return c == r }, removed)}, nil
	}
	b, ok := behaviors[p.Behavior]
	if p.Behavior == "" && p.Type == "Punctuation" {
		b, ok = isolated, true
	}
	switch {
	case !ok:
		return nil, fmt.Errorf("pre_tokenizer: behavior is %q, want Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous", p.Behavior)
	case p.Type == "Punctuation":
		return []divider{divideRunes(isPunct, b)}, nil
	case p.Pattern == nil:
		return nil, fmt.Errorf("pre_tokenizer: Split without pattern")
	}
	found, err := p.Pattern.compile()
	if err != nil {
		return nil, fmt.Errorf("pre_tokenizer: Split: %w", err)
	}
	return []divider{dividePattern(found, b, value(p.Invert, false))}, nil
}

// metaspace makes the divider of a Metaspace.
func (p *splitJSON) metaspace() ([]divider, error) {
	m := metaspace{mark: p.Replacement, prefix: p.Scheme, split: value(p.Split, true)}
	if m.prefix == "" {
		m.prefix = "always"
	}
	if !value(p.Prefix, true) {
		m.prefix = "never"
	}
	switch {
	case utf8.RuneCountInString(m.mark) != 1:
		return nil, fmt.Errorf("pre_tokenizer.replacement is %q, want one character, such as %q", m.mark, meta)
	case m.prefix != "always" && m.prefix != "first" && m.prefix != "never":
		return nil, fmt.Errorf("pre_tokenizer.prepend_scheme is %q, want always, first or never", m.prefix)
	}
	return []divider{m.divide}, nil
}

package tokenizer

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"
)

// AddedToken is a piece that is found in the text as it stands, whatever the
// words around it: [MASK], or a token that a user added to the vocabulary.
type AddedToken struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"` // not inside a longer word
	LStrip     bool   `json:"lstrip"`      // takes the white space before it along
	RStrip     bool   `json:"rstrip"`      // takes the white space after it along
	Normalized bool   `json:"normalized"`  // looked for after normalisation, itself normalised
	Special    bool   `json:"special"`     // not part of the words that a reader sees
}

// sought is an added token and the text it is found as.
type sought struct {
	text string
	AddedToken
}

// matcher cuts added tokens out of a text: leftmost first, of several that
// begin there the longest.
type matcher struct {
	starts [256][]sought // by first byte, longest first
	empty  bool          // no patterns at all
}

// newMatcher looks for each token as text(token). It reports an error for texts
// that are empty or shared: the reference finds the first everywhere, and picks
// one of the others at random.
func newMatcher(tokens []AddedToken, text func(AddedToken) string) (*matcher, error) {
	m := &matcher{empty: len(tokens) == 0}
	taken := make(map[string]string, len(tokens))
	for _, token := range tokens {
		p := sought{text(token), token}
		if p.text == "" {
			return nil, fmt.Errorf("added token %+q is empty once normalised; set its normalized to false", token.Content)
		}
		if other, ok := taken[p.text]; ok {
			return nil, fmt.Errorf("added tokens %+q and %+q are equal once normalised; remove one or set its normalized to false", other, token.Content)
		}
		taken[p.text] = token.Content
		m.starts[p.text[0]] = append(m.starts[p.text[0]], p)
	}
	for c := range m.starts {
		slices.SortFunc(m.starts[c], func(p, q sought) int { return len(q.text) - len(p.text) })
	}
	return m, nil
}

// split calls emit for each stretch of text: an added token, or plain text without one.
// Stretches come in order; the white space that a token takes along is in none of the
// plain ones.
func split[T string | []byte](m *matcher, text T, emit func(from, to int, token *AddedToken)) {
	done := 0 // text[:done] has been emitted
	for at := 0; !m.empty && at < len(text); {
		p := longest(m, text, at)
		if p == nil {
			at++
			continue
		}
		start, end := at, at+len(p.text)
		at = end
		if p.SingleWord && insideWord(text[:start], text[end:]) {
			continue
		}
		if p.LStrip {
			start = max(len(bytes.TrimRightFunc([]byte(text[:start]), isSpace)), done)
		}
		if p.RStrip {
			end = len(text) - len(bytes.TrimLeftFunc([]byte(text[end:]), isSpace))
		}
		if done < start {
			emit(done, start, nil)
		}
		emit(start, end, &p.AddedToken)
		done = end
	}
	if done < len(text) {
		emit(done, len(text), nil)
	}
}

// longest is the longest pattern that text has at a place, or nil.
func longest[T string | []byte](m *matcher, text T, at int) *sought {
	patterns := m.starts[text[at]]
	for i := range patterns {
		if n := len(patterns[i].text); n <= len(text)-at && string(text[at:at+n]) == patterns[i].text {
			return &patterns[i]
		}
	}
	return nil
}

// insideWord reports whether a token between before and after touches a word.
func insideWord[T string | []byte](before, after T) bool {
	last, n := utf8.DecodeLastRune([]byte(before))
	if n > 0 && isWordRune(last) {
		return true
	}
	first, n := utf8.DecodeRune([]byte(after))
	return n > 0 && isWordRune(first)
}

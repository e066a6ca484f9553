package tokenizer

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/rangetable"
)

// patternJSON is what a Replace or a Split looks for.
type patternJSON struct {
	String string `json:"String,omitempty"`
	Regex  string `json:"Regex,omitempty"`
}

// A match is a stretch of text; hit tells whether it is what was looked for, or lies
// between.
type match struct {
	from, to int
	hit      bool
}

// pattern finds text.
type pattern interface {
	// matches returns what is found, left to right; it lives in s until the next call.
	matches(s *scratch, text []byte) []match
}

// literal is a pattern of one text.
type literal []byte

func (p literal) matches(s *scratch, text []byte) []match {
	s.matches = s.matches[:0]
	for at := 0; ; {
		i := bytes.Index(text[at:], p)
		if i < 0 {
			return s.matches
		}
		at += i + len(p)
		s.matches = append(s.matches, match{at - len(p), at, true})
	}
}

// expression is a pattern of a regular expression.
type expression struct {
	*regexp.Regexp
	tail bool // its first group is white space that leaves its last character to what follows
}

func (p expression) matches(s *scratch, text []byte) []match {
	s.matches = s.matches[:0]
	if !p.tail {
		for _, m := range p.FindAllIndex(text, -1) {
			s.matches = append(s.matches, match{m[0], m[1], true})
		}
		return s.matches
	}
	for at := 0; at < len(text); {
		m := p.FindSubmatchIndex(text[at:])
		if m == nil {
			break
		}
		from, to := at+m[0], at+m[1]
		if _, last := utf8.DecodeLastRune(text[from:to]); m[2] >= 0 && to < len(text) && to-from > last {
			to -= last
		}
		s.matches = append(s.matches, match{from, to, true})
		at = max(to, from+1)
	}
	return s.matches
}

// compile makes the pattern.
func (p *patternJSON) compile() (pattern, error) {
	switch {
	case p.Regex != "":
		return compileRegex(p.Regex)
	case p.String != "":
		return literal(p.String), nil
	}
	return nil, fmt.Errorf("the pattern is empty")
}

// restOfSpaces ends the expressions of GPT-2 and its kin: white space, but for the last
// character if a word follows it.
const restOfSpaces = `\s+(?!\S)|\s+`

// compileRegex translates an expression of Oniguruma, in which the files have them. Go's
// have the same order of alternatives, but not all that those have.
func compileRegex(text string) (pattern, error) {
	p, translated := expression{}, text
	if rest, ok := strings.CutSuffix(text, restOfSpaces); ok && !anchored.MatchString(rest) {
		p.tail, translated = true, rest+`(\s+)`
	}
	if unknown := notGo.FindString(translated); unknown != "" {
		return nil, fmt.Errorf("the regular expression %q has %q, which is not known here", text, unknown)
	}
	translated, err := translate(translated)
	if err == nil {
		p.Regexp, err = regexp.Compile("(?m)" + translated)
	}
	if err != nil {
		return nil, fmt.Errorf("the regular expression %q is not known here: %w", text, err)
	}
	return p, nil
}

var (
	// anchored finds what depends on the text before, or a group that captures.
	anchored = regexp.MustCompile(`(?:^|[^\[\\])[\^$]|\\[AzZbB]|\((?:[^?]|$)`)
	// notGo finds what Go has not, or means otherwise: flags and groups but (?: and (?i:,
	// possessive repetition, {,n}, the boundaries of words, intersections, POSIX classes.
	notGo = regexp.MustCompile(`\(\?(?:[^:i]|i[^:)])[^)]*\)?|[*+?]\+|\{,|\\[bBZGKRXu]|&&|\[:`)
)

// translate puts Unicode's classes in the place of Go's \s, \d and \w, which are ASCII,
// and of its \p{L}, which may be of an older edition.
func translate(text string) (string, error) {
	var out strings.Builder
	inClass := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			n := escapeLength(text[i:])
			out.WriteString(class(text[i:i+n], inClass))
			i += n - 1
			continue
		case c == '[' && inClass:
			return "", fmt.Errorf("a class in a class")
		case c == '[' || c == ']':
			inClass = c == '['
		}
		out.WriteByte(text[i])
	}
	return out.String(), nil
}

// escapeLength is the bytes of the escape that text begins with.
func escapeLength(text string) int {
	if end := strings.IndexByte(text, '}'); end > 0 && (strings.HasPrefix(text, `\p{`) || strings.HasPrefix(text, `\P{`)) {
		return end + 1
	}
	_, n := utf8.DecodeRuneInString(text[1:])
	return 1 + n
}

// classes are the members of Unicode's classes.
var classes = map[string]string{
	`\s`:    `\t-\r \x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}`,
	`\S`:    `\x{0}-\x{8}\x{E}-\x{1F}!-\x{84}\x{86}-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF}\x{200B}-\x{2027}\x{202A}-\x{202E}\x{2030}-\x{205E}\x{2060}-\x{2FFF}\x{3001}-\x{10FFFF}`,
	`\d`:    `\p{Nd}` + members("N"),
	`\w`:    `\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}` + members("L") + members("M") + members("N") + others() + `\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE}`,
	`\p{L}`: `\p{L}` + members("L"), `\p{N}`: `\p{N}` + members("N"), `\p{M}`: `\p{M}` + members("M"), `\p{P}`: `\p{P}` + members("P"),
	`\h`: `0-9A-Fa-f`,
}

// class is an escape with the classes of Unicode.
func class(escape string, inClass bool) string {
	switch list, ok := classes[escape]; {
	case ok && inClass:
		return list
	case ok:
		return "[" + list + "]"
	}
	if list, ok := classes[strings.ToLower(escape[:2])+escape[2:]]; ok && !inClass {
		return "[^" + list + "]"
	}
	return escape
}

// members are the characters of since15 as a class of a regular expression has them.
func members(category string) string {
	var out strings.Builder
	bounds := since15[category]
	for i := 0; i < len(bounds); i += 2 {
		fmt.Fprintf(&out, `\x{%X}-\x{%X}`, bounds[i], bounds[i+1])
	}
	return out.String()
}

// others are the characters of words that are in none of the categories of letters,
// marks and digits, as a class has them: letters in circles.
func others() string {
	var out strings.Builder
	rangetable.Visit(unicode.Other_Alphabetic, func(r rune) {
		if !unicode.In(r, unicode.L, unicode.M, unicode.Nl) {
			fmt.Fprintf(&out, `\x{%X}`, r)
		}
	})
	return out.String()
}

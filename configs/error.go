package configs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Error holds everything that is wrong with an experiment.
type Error struct {
	Problems []Problem
}

// Error lists the problems, one a line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// A Problem is one thing wrong, where it stands, and what to do about it.
type Problem struct {
	Source string `json:"source"`         // a file, "recipe NAME" or "--set KEY=VALUE"
	Line   int    `json:"line,omitempty"` // in a file or recipe; 0: unknown
	Key    string `json:"key,omitempty"`  // YAML path, as "search.lambda"
	Text   string `json:"text"`           // what was got, what was wanted, the remedy

	order int // of the source: the file, then the overrides
}

// String is `source:line: text`.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.Source + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d: %s", p.Source, p.Line, p.Text)
}

// leaf is the key that has the value, of an element of a list that of the list.
func (p Problem) leaf() string {
	key, _, _ := strings.Cut(p.Key, "[")
	return key
}

// failure is the error of these problems, nil for none: by source and line,
// what has no line last.
func failure(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		// Line 0 turns into the largest of its kind.
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(uint(a.Line)-1, uint(b.Line)-1))
	})
	return &Error{Problems: problems}
}

// fail is the error of a single problem of a whole source.
func fail(source, format string, args ...any) error {
	return &Error{Problems: []Problem{{Source: source, Text: fmt.Sprintf(format, args...)}}}
}

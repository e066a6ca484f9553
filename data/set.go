package data

import (
	"errors"
	"fmt"
	"strings"

	"github.com/powerbert/powerbert/problem"
)

// An Example is a text, or a pair of texts, with its label.
type Example struct {
	Text    string
	Pair    string    // second text of a pair, "" for single sentences
	Options []string  // of MultipleChoice: the second texts to choose from, in the order of Set.Labels
	Label   int       // index into Set.Labels
	Targets []float64 // of what is Aimed, in place of Label: its scores, or 1 for each of Set.Labels that it has, else 0
	Kept    []string  // what Source.Keep names, in its order; what TextSource.Keep does, of JSONL as JSON
	File    string    // of a set of several files, or of a folder, the one that it is from
	Line    int       // 1-based line of the file where the row begins; 0: made, or of a file of its own
}

// Texts are those of the example, in their order.
func (e *Example) Texts() []string {
	switch {
	case e.Options != nil:
		return append([]string{e.Text}, e.Options...)
	case e.Pair != "":
		return []string{e.Text, e.Pair}
	}
	return []string{e.Text}
}

// A Set is the examples of a file, or of several, in their order.
type Set struct {
	Path     string       // file, or files in a row; "demo" for the made task
	Part     string       // which part of the file; "": all of it
	Problem  problem.Kind // what is to be found
	Paired   bool         // examples are pairs
	Labels   []string     // label names in the order of their ids; of Regression: the names of the scores
	Examples []Example    // rows that could be read
	Skipped  []Malformed  // rows that could not, with Source.SkipMalformed

	NearApart bool // it was taken out of a set whose rest may have near texts
}

// Name is the file, and which part of it.
func (s *Set) Name() string { return s.Path + s.Part }

// Counts is the number of examples per label, in the order of s.Labels.
func (s *Set) Counts() []int {
	counts := make([]int, len(s.Labels))
	for i := range s.Examples {
		for label := range counts {
			if s.Has(&s.Examples[i], label) {
				counts[label]++
			}
		}
	}
	return counts
}

// Has tells whether an example has a label.
func (s *Set) Has(e *Example, label int) bool {
	if s.Problem.Several() {
		return e.Targets[label] > 0
	}
	return e.Label == label
}

// Answer writes the label, the labels or the scores of an example.
func (s *Set) Answer(e *Example) string {
	if s.Problem.Aimed() && !s.Problem.Several() {
		return strings.Trim(fmt.Sprint(e.Targets), "[]")
	}
	var names []string
	for label, name := range s.Labels {
		if s.Has(e, label) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// A Malformed is a row that was left out.
type Malformed struct {
	Line   int    `json:"line"`   // 1-based line where the row begins; 0: the row is a file, which Reason names
	Reason string `json:"reason"` // what is wrong with it
}

// String is `line N: reason`.
func (m Malformed) String() string {
	if m.Line == 0 {
		return m.Reason
	}
	return fmt.Sprintf("line %d: %s", m.Line, m.Reason)
}

// leftOut is what becomes of a row that has an error at a line; false where the
// error is none of a row.
func leftOut(line int, err error) (Malformed, bool) {
	reason, placed := malformed(""), new(Error)
	switch {
	case !errors.As(err, &reason):
		return Malformed{}, false
	case errors.As(err, &placed):
		return Malformed{Reason: placed.Error()}, true
	}
	return Malformed{line, string(reason)}, true
}

// IsUnlabelled tells whether an error is of a row whose label is empty.
func IsUnlabelled(err error) bool { return errors.Is(err, emptyLabel) }

// An Error is a problem with a file of data or with one of its rows.
type Error struct {
	File string
	Line int // 1-based; 0: the file as a whole
	Err  error
}

// Error is `file:line: what`.
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
}

// Unwrap is what went wrong, without the place.
func (e *Error) Unwrap() error { return e.Err }

// errorf is the error of a file and line.
func errorf(file string, line int, format string, args ...any) *Error {
	return &Error{File: file, Line: line, Err: fmt.Errorf(format, args...)}
}

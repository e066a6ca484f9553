package mistakes

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/problem"
)

// ByLength is the word that parts examples by their length, in word-pieces.
const ByLength = "length"

// A Slice is a part of a set and how well it is answered.
type Slice struct {
	Name     string           `json:"name"` // a value of the column, or a range of numbers
	Examples int              `json:"examples"`
	Value    *float64         `json:"value"`    // of the metric; nil where it says nothing of these examples
	Interval *metric.Interval `json:"interval"` // the same
	Small    bool             `json:"small,omitempty"`
	Than     string           `json:"than_all,omitempty"` // "lower" or "higher": the interval does not hold the score of all
}

// Slices are the parts of a set by one thing.
type Slices struct {
	By     string  `json:"by"`     // ByLength or a column
	Metric string  `json:"metric"` // of all values
	Slices []Slice `json:"slices"`
}

// Method says in words how the intervals are found; "" where there are none.
func (s *Slices) Method() string {
	for _, part := range s.Slices {
		switch {
		case part.Interval == nil:
		case part.Interval.Method == metric.MethodBootstrap:
			return fmt.Sprintf("percentiles of %d bootstrap resamples", metric.Resamples)
		default:
			return "Wilson's, of the share that is right"
		}
	}
	return ""
}

// leastExamples is how many a slice needs to tell anything.
const leastExamples = 30

// By scores the parts of a set by each of the words: by length, or by a column that came along
// with the examples (data.Source.Keep, of which keep are the names). Numbers of many values
// are parted at their quartiles, texts of many values but for the most frequent are one part.
//
// It reports a *data.Error of a column that has nothing in any row, and the error of
// problem.Outputs.Score.
func By(words []string, set *data.Set, keep []string, encoded []data.Encoded, out *problem.Outputs, name string) (list []Slices, err error) {
	all, _, err := out.Score(name)
	if err != nil {
		return nil, err
	}
	for _, word := range words {
		var groups []group
		if word == ByLength {
			groups = quartiles(lengths(encoded))
		} else if groups, err = byColumn(set, word, slices.Index(keep, word)); err != nil {
			return nil, err
		}
		s := Slices{By: word, Metric: name}
		for _, g := range groups {
			part, err := g.score(out, name, all)
			if err != nil {
				return nil, err
			}
			s.Slices = append(s.Slices, part)
		}
		list = append(list, s)
	}
	return list, nil
}

// Columns are the words that name columns: all but ByLength.
func Columns(words []string) (columns []string) {
	for _, word := range words {
		if word != ByLength {
			columns = append(columns, word)
		}
	}
	return columns
}

// lengths are those of the examples before anything is cut off, with the special tokens.
func lengths(encoded []data.Encoded) []float64 {
	list := make([]float64, len(encoded))
	for i := range encoded {
		list[i] = float64(encoded[i].Tokens() + encoded[i].Cut)
	}
	return list
}

// score scores the examples of a group beside the score of all.
func (g *group) score(out *problem.Outputs, name string, all float64) (Slice, error) {
	s := Slice{Name: g.name, Examples: len(g.examples), Small: len(g.examples) < leastExamples}
	some := out.Of(g.examples)
	if !some.Tells(name) {
		return s, nil
	}
	value, _, err := some.Score(name)
	if err != nil {
		return s, err
	}
	interval, err := some.Interval(name)
	s.Value, s.Interval = &value, &interval
	switch {
	case s.Small || interval.Holds(all):
	case interval.High < all:
		s.Than = "lower"
	default:
		s.Than = "higher"
	}
	return s, err
}

// Verdict says in words what the slice tells, "" where its score is about that of all.
func (s *Slice) Verdict() string {
	switch {
	case s.Small:
		return "too few to tell"
	case s.Value == nil:
		return "cannot tell: all have the same answer"
	case s.Than != "":
		return s.Than + " than all"
	}
	return ""
}

// A group is some examples of a set.
type group struct {
	name     string
	examples []int
}

// mostValues is how many values of a column have a group of their own.
const mostValues = 20

// byColumn groups the examples by the at-th column that came along.
func byColumn(set *data.Set, name string, at int) ([]group, error) {
	values := make([]string, len(set.Examples))
	for i := range set.Examples {
		values[i] = set.Examples[i].Kept[at]
	}
	groups := byValue(values)
	if len(groups) == 1 && values[0] == "" {
		return nil, &data.Error{File: set.Path, Err: fmt.Errorf("has nothing in column %q", name)}
	}
	if len(groups) <= mostValues {
		return groups, nil
	}
	if numbers, ok := parsed(values); ok {
		return quartiles(numbers), nil
	}
	rest := group{name: fmt.Sprintf("%d other values", len(groups)-mostValues)}
	for _, g := range groups[mostValues:] {
		rest.examples = append(rest.examples, g.examples...)
	}
	slices.Sort(rest.examples)
	return append(groups[:mostValues], rest), nil
}

// byValue groups examples of one value, the largest group first; equals in the order of their
// values.
func byValue(values []string) (groups []group) {
	at := map[string]int{}
	for i, v := range values {
		k, known := at[v]
		if !known {
			k = len(groups)
			at[v], groups = k, append(groups, group{name: cmp.Or(v, "(empty)")})
		}
		groups[k].examples = append(groups[k].examples, i)
	}
	slices.SortStableFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(len(b.examples), len(a.examples)), cmp.Compare(a.name, b.name))
	})
	return groups
}

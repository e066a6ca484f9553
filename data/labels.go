package data

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
)

// assign turns the names of the labels, or other words for them, into ids. What is
// another way to write the number of a label is that label.
func (s *Set) assign(names [][]string, alias map[string]string) error {
	ids := make(map[string]int, len(s.Labels))
	for id, name := range s.Labels {
		ids[number(name)] = id
	}
	for id, name := range s.Labels {
		ids[name] = id
	}
	said := maps.Clone(ids) // an alias has the say: it may be the name of another label
	for word, name := range alias {
		if id, ok := ids[name]; ok {
			said[word] = id
		}
	}
	for i := range s.Examples {
		e := &s.Examples[i]
		if s.Problem.Several() && e.Targets == nil {
			e.Targets = make([]float64, len(s.Labels))
		}
		for _, name := range names[i] {
			id, ok := said[name]
			if !ok {
				id, ok = said[number(name)]
			}
			if !ok {
				return errorf(s.Path, e.Line, "label %q is not one of %s", name, quoted(s.Labels))
			}
			e.take(id)
		}
	}
	return nil
}

// take makes a label the example's, or one of its labels.
func (e *Example) take(id int) {
	if e.Targets != nil {
		e.Targets[id] = 1
		return
	}
	e.Label = id
}

// collect is the distinct names, in the order of numbers if all are numbers. Then 1 and
// 1.0 are one, by the shorter name.
func collect(names []string) []string {
	labels := distinct(slices.Sorted(slices.Values(names)))
	if numbers := parse(labels); numbers != nil {
		slices.SortStableFunc(labels, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
		seen := map[string]bool{}
		labels = slices.DeleteFunc(labels, func(name string) bool {
			twice := seen[number(name)]
			seen[number(name)] = true
			return twice
		})
		slices.SortStableFunc(labels, func(a, b string) int {
			return cmp.Compare(numbers[a], numbers[b])
		})
	}
	return labels
}

// parse is the value of every name, nil unless all are finite numbers.
func parse(names []string) map[string]float64 {
	numbers := make(map[string]float64, len(names))
	for _, name := range names {
		x, err := strconv.ParseFloat(name, 64)
		if err != nil || x-x != 0 {
			return nil
		}
		numbers[name] = x
	}
	return numbers
}

// number is a name in the one way to write the number that it is; one that is no number,
// or too large to be told from its neighbours, is itself.
func number(name string) string {
	x, err := strconv.ParseFloat(name, 64)
	if err != nil || x-x != 0 || math.Abs(x) >= 1<<53 {
		return name
	}
	return strconv.FormatFloat(x+0, 'g', -1, 64) // −0 + 0 is 0
}

// distinct is each name once, in the order in which they come first.
func distinct(names []string) (list []string) {
	seen := map[string]bool{}
	for _, name := range names {
		if !seen[name] {
			seen[name], list = true, append(list, name)
		}
	}
	return list
}

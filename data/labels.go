package data

import (
	"cmp"
	"slices"
	"strconv"
)

// assign turns the names of the labels, or other words for them, into ids.
func (s *Set) assign(names []string, alias map[string]string) error {
	ids := make(map[string]int, len(s.Labels))
	for id, name := range s.Labels {
		ids[name] = id
	}
	for i, name := range names {
		id, ok := ids[name]
		if !ok {
			id, ok = ids[alias[name]]
		}
		if !ok {
			return errorf(s.Path, s.Examples[i].Line, "label %q is not one of %s", name, quoted(s.Labels))
		}
		s.Examples[i].Label = id
	}
	return nil
}

// collect is the distinct names, in the order of numbers if all are numbers.
func collect(names []string) []string {
	seen := map[string]bool{}
	for _, name := range names {
		seen[name] = true
	}
	labels := make([]string, 0, len(seen))
	for name := range seen {
		labels = append(labels, name)
	}
	slices.Sort(labels)
	if numbers := parse(labels); numbers != nil {
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

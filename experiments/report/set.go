package report

import (
	"cmp"
	"slices"

	"github.com/powerbert/powerbert/data"
)

// A Set is labelled examples, also as a run's models read them.
type Set struct {
	*data.Set
	Encoded []data.Encoded
}

// Length returns the mean length of its sequences, in word-pieces.
func (s *Set) Length() float64 { return data.MeanLength(s.Encoded) }

// labels lists those of a set's examples, in their order.
func labels(set *data.Set) []int {
	list := make([]int, len(set.Examples))
	for i, e := range set.Examples {
		list[i] = e.Label
	}
	return list
}

// spread picks n of the examples, evenly over their lengths, in their order.
func spread(examples []data.Encoded, n int) []data.Encoded {
	if n >= len(examples) {
		return examples
	}
	chosen := evenly(byLength(examples), n)
	slices.Sort(chosen)
	list := make([]data.Encoded, n)
	for i, at := range chosen {
		list[i] = examples[at]
	}
	return list
}

// evenly picks n of a list, spread over it, or all where there are fewer.
func evenly(list []int, n int) []int {
	if n >= len(list) {
		return slices.Clone(list)
	}
	chosen := make([]int, n)
	for i := range chosen {
		chosen[i] = list[(2*i+1)*len(list)/(2*n)]
	}
	return chosen
}

// byLength lists the indices of examples, the shortest first.
func byLength(examples []data.Encoded) []int {
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(examples[a].Tokens(), examples[b].Tokens()) })
	return order
}

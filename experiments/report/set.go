package report

import (
	"cmp"
	"slices"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/problem"
)

// A Set is labelled examples, also as a run's models read them.
type Set struct {
	*data.Set
	Encoded []data.Encoded
}

// Length returns the mean length of its sequences, in word-pieces.
func (s *Set) Length() float64 { return data.MeanLength(s.Encoded) }

// Truth returns what the examples of a set have to say, with nothing said of them.
func Truth(set *data.Set) *problem.Outputs {
	out := &problem.Outputs{Kind: set.Problem, Labels: set.Labels}
	for i := range set.Examples {
		out.Expect(set.Examples[i].Label, set.Examples[i].Targets)
	}
	return out
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

package data

import (
	"cmp"
	"fmt"
	"slices"
)

// fold parts a set for cross-validation: held is the k-th of n folds, from 1, and rest all
// others. Every label is spread evenly over the folds, texts that belong together stay so, and
// the order of the rows has no say, but the seed has.
func (s *Set) fold(k, n int, d draw) (rest, held *Set, err error) {
	texts, of, d := s.parted(d, func(texts []gathering) []int { return s.folds(n, texts) })
	if len(texts) < n {
		return nil, nil, &Error{File: s.Path, Err: fmt.Errorf("has %d different texts, too few for %d folds%s", len(texts), n, d.why())}
	}
	rest, held = s.partBy(fmt.Sprintf("fold %d of %d, %v", k, n, d), d, func(i int) bool { return of[i] == k-1 })
	return rest, held, nil
}

// folds is the fold of each example, from 0: text by text, in the order given, but of several
// near ones the most first, which others then even out. It is the fold that has fewest of the
// first one's label, and of those the one that has fewest at all.
func (s *Set) folds(n int, texts []gathering) []int {
	texts = slices.Clone(texts)
	size := func(t gathering) int {
		if t.several {
			return len(t.examples)
		}
		return 0
	}
	slices.SortStableFunc(texts, func(a, b gathering) int { return cmp.Compare(size(b), size(a)) })
	all := make([]int, n)
	labels := make([][]int, s.strata())
	for label := range labels {
		labels[label] = make([]int, n)
	}
	label := func(e *Example) []int {
		if len(labels) == 1 {
			return labels[0]
		}
		return labels[e.Label]
	}
	of := make([]int, len(s.Examples))
	for _, t := range texts {
		mine, best := label(&s.Examples[t.examples[0]]), 0
		for f := range n {
			if mine[f] < mine[best] || mine[f] == mine[best] && all[f] < all[best] {
				best = f
			}
		}
		for _, i := range t.examples {
			of[i] = best
			all[best]++
			label(&s.Examples[i])[best]++
		}
	}
	return of
}

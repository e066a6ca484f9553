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
	parts := func(d draw) []int { return s.folds(n, s.largestFirst(d)) }
	d = s.settled(d, parts)
	if texts := len(s.together(d)); texts < n {
		return nil, nil, &Error{File: s.Path, Err: fmt.Errorf("has %d different texts, too few for %d folds%s", texts, n, d.why())}
	}
	of := parts(d)
	rest, held = s.partBy(fmt.Sprintf("fold %d of %d, %v", k, n, d), func(i int) bool { return of[i] == k-1 })
	return rest, held, nil
}

// largestFirst is the texts in the order drawn, of groups the largest first, which smaller
// ones then even out.
func (s *Set) largestFirst(d draw) [][]int {
	texts := s.together(d)
	if d.near() {
		slices.SortStableFunc(texts, func(a, b []int) int { return cmp.Compare(len(b), len(a)) })
	}
	return texts
}

// folds is the fold of each example, from 0: text by text, in the order given, the one that
// has fewest of its label, and of those the one that has fewest at all.
func (s *Set) folds(n int, texts [][]int) []int {
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
	for _, same := range texts {
		mine, best := label(&s.Examples[same[0]]), 0
		for f := range n {
			if mine[f] < mine[best] || mine[f] == mine[best] && all[f] < all[best] {
				best = f
			}
		}
		for _, i := range same {
			of[i] = best
			all[best]++
			label(&s.Examples[i])[best]++
		}
	}
	return of
}

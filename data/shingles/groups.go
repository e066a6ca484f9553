package shingles

import (
	"cmp"
	"math"
	"slices"
)

// Part is the share of a text's shingles that another one has where it is a part of that.
const Part = 0.8

// mostHave is how many texts may have a shingle that tells which belong together: what more
// have is a phrase of the language.
const mostHave = 50

// Groups parts texts, by their sets of shingles, into those that belong together: a text, all
// that it is a part of, and so on from these. It returns a number for each text, the same for
// all of a group.
//
// A text of n shingles is a part of another only where that has one of its n−⌈0.8·n⌉+1 rarest
// ones, so only texts with one of these are compared.
func Groups(sets [][]uint64) []int {
	group := make(forest, len(sets))
	for i := range group {
		group[i] = i
	}
	for i, with := range textsByShingle(sets) {
		n := len(sets[i])
		wanted := int(math.Ceil(Part * float64(n)))
		slices.SortStableFunc(with, func(a, b []posting) int { return cmp.Compare(len(a), len(b)) })
		for _, texts := range with[:min(n-wanted+1, n)] {
			if len(texts) > mostHave {
				break
			}
			for _, p := range texts {
				if len(sets[p.text]) >= n && group.root(i) != group.root(p.text) && Common(sets[i], sets[p.text]) >= wanted {
					group[group.root(i)] = group.root(p.text)
				}
			}
		}
	}
	for i := range group {
		group[i] = group.root(i)
	}
	return group
}

// A posting says that a text has a shingle.
type posting struct {
	shingle uint64
	text    int
}

// textsByShingle lists, for each text and each of its shingles, the texts that have it.
func textsByShingle(sets [][]uint64) [][][]posting {
	var all []posting
	for i, set := range sets {
		for _, s := range set {
			all = append(all, posting{s, i})
		}
	}
	slices.SortFunc(all, func(a, b posting) int { return cmp.Or(cmp.Compare(a.shingle, b.shingle), cmp.Compare(a.text, b.text)) })
	of := make([][][]posting, len(sets))
	for from, to := 0, 0; from < len(all); from = to {
		for to = from; to < len(all) && all[to].shingle == all[from].shingle; to++ {
		}
		for _, p := range all[from:to] {
			of[p.text] = append(of[p.text], all[from:to])
		}
	}
	return of
}

// A forest has for each text one of its group; from one to the next they lead to its root.
type forest []int

// root is the text that stands for the group of a text.
func (f forest) root(i int) int {
	for f[i] != i {
		f[i] = f[f[i]]
		i = f[i]
	}
	return i
}

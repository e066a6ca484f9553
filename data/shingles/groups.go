package shingles

import (
	"cmp"
	"math"
	"slices"
)

// part is the share of a text's shingles that another one has where it is a part of that.
const part = 0.8

// A text of fewer shingles than ofPhrase may be a phrase of the language: where more than
// mostHave texts have even its rarest ones, it leads none of them together. A longer one is
// then compared with so many of them.
const (
	mostHave = 50
	ofPhrase = 5
)

// Groups parts texts, by their sets of shingles, into those that belong together: a text, all
// that it is a part of, and so on from these. It returns a number for each text, the same for
// all of a group. On the way it takes about 24 bytes for each shingle.
//
// A text of n shingles is a part of another only where that has one of its n−⌈0.8·n⌉+1 rarest
// ones, so only texts with one of these are compared.
func Groups(sets [][]uint64) []int {
	group := make(forest, len(sets))
	for i := range group {
		group[i] = i
	}
	group.joinEqual(sets)
	shared := shareds(sets, group)
	var others []int32
	for i, set := range sets {
		others = others[:0]
		wanted := int(math.Ceil(part * float64(len(set))))
		rarest := len(set) - wanted + 1 - shared[i].alone // of those that others have
		slices.SortStableFunc(shared[i].texts, func(a, b []int32) int { return cmp.Compare(len(a), len(b)) })
		for _, texts := range shared[i].texts[:min(max(rarest, 0), len(shared[i].texts))] {
			if len(texts) > mostHave && len(set) < ofPhrase {
				break
			}
			others = append(others, texts[:min(len(texts), mostHave)]...)
		}
		slices.Sort(others)
		for _, j := range slices.Compact(others) {
			if len(sets[j]) >= len(set) && group.root(i) != group.root(int(j)) && !lacks(sets[j], set, len(set)-wanted) {
				group[group.root(i)] = group.root(int(j))
			}
		}
	}
	for i := range group {
		group[i] = group.root(i)
	}
	return group
}

// lacks tells whether a set lacks more than so many shingles of another one.
func lacks(set, other []uint64, most int) bool {
	j := 0
	for _, shingle := range other {
		for j < len(set) && set[j] < shingle {
			j++
		}
		if j == len(set) || set[j] != shingle {
			if most--; most < 0 {
				return true
			}
		}
	}
	return false
}

// A shared is what other texts have of the shingles of one.
type shared struct {
	alone int       // shingles that no other text has
	texts [][]int32 // of each of the others, the texts that have it
}

// shareds is that of each text that is the root of a group; equal sets count as one.
func shareds(sets [][]uint64, group forest) []shared {
	type posting struct {
		shingle uint64
		text    int32
	}
	n := 0
	for _, set := range sets {
		n += len(set)
	}
	all := make([]posting, 0, n)
	for i, set := range sets {
		if group.root(i) == i {
			for _, s := range set {
				all = append(all, posting{s, int32(i)})
			}
		}
	}
	slices.SortFunc(all, func(a, b posting) int { return cmp.Or(cmp.Compare(a.shingle, b.shingle), cmp.Compare(a.text, b.text)) })
	of := make([]shared, len(sets))
	for from, to := 0, 0; from < len(all); from = to {
		for to = from; to < len(all) && all[to].shingle == all[from].shingle; to++ {
		}
		if to-from == 1 {
			of[all[from].text].alone++
			continue
		}
		texts := make([]int32, to-from)
		for k, p := range all[from:to] {
			texts[k] = p.text
			of[p.text].texts = append(of[p.text].texts, texts)
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

// joinEqual joins texts of the same shingles, but for those without any.
func (f forest) joinEqual(sets [][]uint64) {
	first := map[uint64]int{}
	for i, set := range sets {
		h := Fold(set)
		if j, known := first[h]; known && len(set) > 0 && slices.Equal(set, sets[j]) {
			f[i] = j
		} else if !known {
			first[h] = i
		}
	}
}

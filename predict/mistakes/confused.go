package mistakes

import (
	"cmp"
	"slices"
)

// A Confused is how often one label is taken for another.
type Confused struct {
	True     string  `json:"true"`
	Said     string  `json:"said"`
	Examples int     `json:"examples"`
	Of       int     `json:"of"`    // examples of True
	Share    float64 `json:"share"` // Examples of Of
}

// Pairs lists the labels that are taken for others by a confusion (true label by said label),
// the most frequent first; equals in the order of the labels.
func Pairs(labels []string, confusion [][]int) (list []Confused) {
	for i, row := range confusion {
		of := total(row)
		for k, n := range row {
			if n > 0 && k != i {
				list = append(list, Confused{labels[i], labels[k], n, of, float64(n) / float64(of)})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Confused) int { return cmp.Compare(b.Examples, a.Examples) })
	return list
}

// total is the sum of counts.
func total(counts []int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// Order lists the labels of a confusion so that those which are confused lie together. Every
// label begins as a chain; from the most confused pair down, the chains of the two are joined
// (single linkage), turned so that the two come as near to each other as they can.
func Order(confusion [][]int) []int {
	of, chains := make([]int, len(confusion)), make([][]int, len(confusion))
	for i := range confusion {
		of[i], chains[i] = i, []int{i}
	}
	for _, p := range byConfusion(confusion) {
		a, b := of[p.a], of[p.b]
		if a == b {
			continue
		}
		chains[a] = join(chains[a], p.a, chains[b], p.b)
		chains[b] = nil
		for _, label := range chains[a] {
			of[label] = a
		}
	}
	return slices.Concat(chains...)
}

// A couple is two labels, a below b, and how much they are confused.
type couple struct {
	a, b int
	rate float64
}

// byConfusion lists the couples that are confused, the most confused first, by the shares of
// either label's examples that are taken for the other.
func byConfusion(confusion [][]int) (list []couple) {
	share := func(i, k int) float64 { return float64(confusion[i][k]) / float64(max(total(confusion[i]), 1)) }
	for a := range confusion {
		for b := a + 1; b < len(confusion); b++ {
			if confusion[a][b]+confusion[b][a] > 0 {
				list = append(list, couple{a, b, share(a, b) + share(b, a)})
			}
		}
	}
	slices.SortStableFunc(list, func(p, q couple) int { return cmp.Compare(q.rate, p.rate) })
	return list
}

// join puts one chain behind another, each turned so that a label of it is near the seam.
func join(left []int, a int, right []int, b int) []int {
	if slices.Index(left, a) < len(left)/2 {
		slices.Reverse(left)
	}
	if slices.Index(right, b) > (len(right)-1)/2 {
		slices.Reverse(right)
	}
	return append(left, right...)
}

package data

import (
	"math/bits"
	"math/rand/v2"
	"slices"
)

// golden64 is 2^64 over the golden ratio: it spreads small numbers over all bits.
const golden64 = 0x9e3779b97f4a7c15

// Order is the order in which an epoch sees n examples: a permutation of
// 0 … n−1 that depends on n, seed and epoch alone, on every machine and with
// every Go release.
//
// It is Fisher and Yates' shuffle over the PCG-DXSM generator, written out
// because math/rand/v2 does not promise that its Shuffle stays the same.
func Order(n int, seed uint64, epoch int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	source := rand.NewPCG(seed, (uint64(epoch)+1)*golden64)
	for i := n - 1; i > 0; i-- {
		j := below(source, uint64(i)+1)
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// Groups lists the examples that have each of so many labels, and of labels by themselves
// those that have none; groups that nobody is in are left out.
func Groups(set []Encoded, classes int) (groups [][]int) {
	all := make([][]int, classes+1)
	for i := range set {
		for _, group := range set[i].groups(classes) {
			all[group] = append(all[group], i)
		}
	}
	return slices.DeleteFunc(all, func(group []int) bool { return len(group) == 0 })
}

// groups are the labels of an example, of probabilities those from a half on, or the number
// after them.
func (e *Encoded) groups(classes int) (list []int) {
	if e.Targets == nil {
		return []int{e.Label}
	}
	for label, y := range e.Targets {
		if y >= 0.5 {
			list = append(list, label)
		}
	}
	if list == nil {
		return []int{classes}
	}
	return list
}

// Balanced is the order in which an epoch sees n examples that are drawn from each group as
// often, as Order is one of all of them. Of a group no example comes again before all of it
// have come in the epoch; what does not come in one epoch may in the next. That differs
// from PyTorch's WeightedRandomSampler, which draws each example by itself, only in that
// the groups' shares do not vary.
func Balanced(groups [][]int, n int, seed uint64, epoch int) []int {
	drawn := make([]int, 0, n)
	for i := range groups {
		k := (i + epoch) % len(groups) // so that it is not always the same that come once more
		group, share := groups[k], n/len(groups)
		if i < n%len(groups) {
			share++
		}
		for round := 0; share > 0; round++ {
			order := Order(len(group), salted(uint64(round), salted(uint64(k), seed)), epoch)
			for _, at := range order[:min(share, len(order))] {
				drawn = append(drawn, group[at])
			}
			share -= min(share, len(order))
		}
	}
	order := Order(n, seed, epoch)
	for i, at := range order {
		order[i] = drawn[at]
	}
	return order
}

// Spread is at most so many of the numbers 0 … n−1, evenly spread: files may be sorted by
// label.
func Spread(n, most int) []int {
	some := make([]int, min(n, most))
	for k := range some {
		some[k] = k * n / len(some)
	}
	return some
}

// below is uniform on 0 … n−1, without bias (Lemire 2019).
func below(source *rand.PCG, n uint64) int {
	hi, lo := bits.Mul64(source.Uint64(), n)
	for threshold := -n % n; lo < threshold; {
		hi, lo = bits.Mul64(source.Uint64(), n)
	}
	return int(hi)
}

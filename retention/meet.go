package retention

import (
	"cmp"
	"slices"
)

// Geometric is l_j = N·q^j of so many encoders, not rounded: a list by a rule, without any
// search.
func Geometric(encoders, length int, q float64) []float64 {
	list, l := make([]float64, encoders), float64(length)
	for j := range list {
		l *= q
		list[j] = l
	}
	return list
}

// Scaled is masses times a factor, none more than N.
func Scaled(mass []float64, length int, factor float64) []float64 {
	list := make([]float64, len(mass))
	for j, m := range mass {
		list[j] = min(factor*m, float64(length))
	}
	return list
}

// Meet finds the retention configuration of a family that costs as much of a budget as
// whole word-vectors allow, and no more. at(x) is the family's list for x from 0, the
// least, to 1, the most; cost is what a configuration costs, and never falls with it.
// Where even one word-vector each is too much, ok is false.
//
// Lists are rounded in proportion: the largest x whose list, rounded down, fits; then one
// word-vector after another where the list is furthest above its count, as long as the
// counts do not rise and the cost fits.
func Meet(budget float64, length int, at func(x float64) []float64, cost func(keep []int) float64) (keep []int, ok bool) {
	fits := func(x float64) bool { return cost(Configure(at(x), true)) <= budget }
	if !fits(0) {
		return nil, false
	}
	low, high := 0.0, 1.0
	if fits(1) {
		low = 1
	}
	for range 60 {
		if middle := (low + high) / 2; fits(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	list := at(low)
	keep = Configure(list, true)
	for grow(keep, list, length, func() bool { return cost(keep) <= budget }) {
	}
	return keep, true
}

// grow adds a word-vector to the encoder whose list is furthest above its count, among
// those that may have one more and with which the whole fits.
func grow(keep []int, list []float64, length int, fits func() bool) bool {
	order := make([]int, len(keep))
	for j := range order {
		order[j] = j
	}
	lack := func(j int) float64 { return list[j] - float64(keep[j]) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lack(b), lack(a)) })
	for _, j := range order {
		above := length
		if j > 0 {
			above = keep[j-1]
		}
		if keep[j] >= above {
			continue
		}
		keep[j]++
		if fits() {
			return true
		}
		keep[j]--
	}
	return false
}

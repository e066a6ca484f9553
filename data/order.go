package data

import (
	"math/bits"
	"math/rand/v2"
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

package kernel

import (
	"cmp"
	"math"
	"slices"
)

// Significance adds to sig the attention each word-vector receives from one
// head (Goyal et al. 2020, section 3.2):
//
//	sig[w] += Σ_{w' < voters} p[w', w]
//
// Shapes: p (voters or more, n) row = query, column = key; sig (n). With
// noDiagonal the attention of a word-vector to itself is left out, as in the
// authors' code.
func Significance[T Float](sig, p []T, n, voters int, noDiagonal bool) {
	for q := range voters {
		row := p[q*n : q*n+n]
		Add(sig, row)
		if noDiagonal {
			sig[q] -= row[q]
		}
	}
}

// ValueSignificance adds to sig what each word-vector receives from one head, as Significance
// has it, times the norm of its value:
//
//	sig[w] += ‖v[w]‖₂·received[w]
//
// Shapes: sig, received (n); v (n, d), its rows ld values apart.
func ValueSignificance[T Float](sig, received, v []T, d, ld int) {
	for w, a := range received {
		row := v[w*ld:][:d]
		sig[w] += a * T(math.Sqrt(float64(Dot(row, row))))
	}
}

// Order writes into order the n positions of one sequence, most significant
// first; equal scores rank by position. The real positions, [0, real), come
// before the padding ones, and among them those that dead marks (nil: none) last, by
// position; position 0, [CLS], comes first of all when clsFirst is set.
func Order[T Float](order []int32, sig []T, dead []bool, real int, clsFirst bool) {
	for i := range order {
		order[i] = int32(i)
	}
	rest := order
	if clsFirst && len(rest) > 0 {
		rest = rest[1:]
	}
	const isLive, isDead, isPadding = 0, 1, 2
	class := func(i int32) int {
		switch {
		case int(i) >= real:
			return isPadding
		case dead != nil && dead[i]:
			return isDead
		}
		return isLive
	}
	slices.SortFunc(rest, func(a, b int32) int {
		c := cmp.Compare(class(a), class(b))
		if c == 0 && class(a) != isDead {
			c = cmp.Compare(sig[b], sig[a])
		}
		return cmp.Or(c, cmp.Compare(a, b))
	})
}

// Ranks inverts an order: rank[order[k]] = k, 0 the most significant.
func Ranks(rank, order []int32) {
	for k, w := range order {
		rank[w] = int32(k)
	}
}

// Keep returns the positions that hard extraction keeps, ascending: [CLS] and
// the keep−1 most significant others. order is spoilt.
func Keep(order []int32, keep int) []int32 {
	keep = min(keep, len(order))
	i := slices.Index(order, 0)
	copy(order[1:i+1], order[:i])
	order[0] = 0
	kept := order[:keep]
	slices.Sort(kept)
	return kept
}

// RankWeights writes the retention weight of each rank of a sequence of n
// word-vectors into w (n), from r (N). Absolute ranks read r[k]. Relative ones
// take the mean of the step function r over [kN/n, (k+1)N/n).
func RankWeights[T Float](w, r []T, relative bool) {
	if !relative {
		copy(w, r)
		return
	}
	for k := range w {
		var sum T
		eachOverlap(k, len(w), len(r), func(i int, share float64) { sum += T(share) * r[i] })
		w[k] = sum
	}
}

// RankWeightsGrad adds to dr (N) the gradient of RankWeights for dw (n).
func RankWeightsGrad[T Float](dr, dw []T, relative bool) {
	if !relative {
		for k, d := range dw {
			dr[k] += d
		}
		return
	}
	for k, d := range dw {
		eachOverlap(k, len(dw), len(dr), func(i int, share float64) { dr[i] += T(share) * d })
	}
}

// eachOverlap calls f for every unit step i of [0, total) that the interval
// [k·total/n, (k+1)·total/n) meets, with the share of the interval it covers.
// Everything is counted in units of 1/n, so that the shares are exact.
func eachOverlap(k, n, total int, f func(i int, share float64)) {
	from, to := k*total, (k+1)*total
	for i := from / n; i*n < to; i++ {
		covered := min(to, (i+1)*n) - max(from, i*n)
		f(i, float64(covered)/float64(total))
	}
}

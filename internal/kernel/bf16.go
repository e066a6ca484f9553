package kernel

import "math"

// The product of bfloat16 has one definition, which every kernel keeps to the bit, but for
// the payloads of NaN. C (m, n) of op(A) (m, k) and op(B) (k, n), all float32:
//
//   - Elements of A and B are rounded to the 8 significant bits of bfloat16, the nearest, of
//     two the even one. What is below 2⁻¹²⁶ is 0 of its sign.
//   - Two neighbours along k are a pair; an odd k ends with a pair of one element and 0.
//   - A pair is added to a sum as VDPBF16PS does: acc = a₁·b₁ + acc, then acc = a₀·b₀ + acc,
//     each rounded once to float32, the nearest even, and to 0 below 2⁻¹²⁶.
//   - The pairs are cut into equal parts of at most bf16Depth. Each is a sum of its own that
//     begins at 0; to the first the bias is added, or the old C, and to the next what came of
//     those before, as float32 are.
//
// bf16Naive is this as a loop.

// A bf16Pair is two bfloat16, the first in the low half: the upper halves of float32.
type bf16Pair uint32

// bf16Depth is how many pairs a sum has at most.
const bf16Depth = 768

// pairOf rounds two numbers.
func pairOf(first, second float32) bf16Pair {
	return bf16Pair(roundBF16(first))>>16 | bf16Pair(roundBF16(second))
}

// roundBF16 returns the bits of x rounded to bfloat16, a float32 whose lower half is 0.
func roundBF16(x float32) uint32 {
	bits := math.Float32bits(x)
	switch {
	case x != x:
		return bits&^0xffff | 0x400000
	case bits&infinite == 0:
		return bits & signBit
	}
	return (bits + 0x7fff + bits>>16&1) &^ 0xffff
}

// Bits of float32.
const (
	infinite = 0x7f800000 // +Inf: those of any greater or NaN float32 are no fewer
	signBit  = 1 << 31
)

// dotBF16 adds the products of two pairs to a sum.
func dotBF16(acc float32, a, b bf16Pair) float32 {
	acc = fusedFlushed(half(a&^0xffff), half(b&^0xffff), acc)
	return fusedFlushed(half(a<<16), half(b<<16), acc)
}

// half is a bfloat16 of the upper half of some bits.
func half(bits bf16Pair) float64 { return float64(math.Float32frombits(uint32(bits))) }

// fusedFlushed is a·b + c of two bfloat16 and a float32, rounded once and 0 where it is
// below the least normal float32; c is one of these sums. In float64 the product is exact,
// and the rounding of the sum takes nothing from that to float32: the addends have 16 and 24
// bits, so what 53 bits cut off lies far from the middle between two float32.
func fusedFlushed(a, b float64, c float32) float32 {
	sum := a*b + float64(c)
	if math.Abs(sum) < leastNormal-0x1p-151 { // which is where 24 bits begin to round up to it
		return float32(math.Copysign(0, sum))
	}
	return float32(sum)
}

const leastNormal = 0x1p-126

// bf16Naive is the product by its definition.
func bf16Naive(g *product[float32]) {
	pairs := (g.k + 1) / 2
	step := even(pairs, bf16Depth)
	rows, cols := pairsOf(g.a, g.lda, g.transA, g.m, g.k), pairsOf(g.b, g.ldb, !g.transB, g.n, g.k)
	for i := range g.m {
		for j := range g.n {
			c := &g.c[i*g.ldc+j]
			for p := 0; p < pairs; p += step {
				sum := float32(0)
				for q := p; q < min(p+step, pairs); q++ {
					sum = dotBF16(sum, rows[i*pairs+q], cols[j*pairs+q])
				}
				switch {
				case g.accumulate || p > 0:
					sum += *c
				case g.bias != nil:
					sum += g.bias[j]
				}
				*c = sum
			}
		}
	}
}

// pairsOf are the pairs along k of each of so many rows of op(x).
func pairsOf(x []float32, ld int, trans bool, rows, k int) (pairs []bf16Pair) {
	for i := range rows {
		for p := 0; p < k; p += 2 {
			second := float32(0)
			if p+1 < k {
				second = at(x, ld, trans, i, p+1)
			}
			pairs = append(pairs, pairOf(at(x, ld, trans, i, p), second))
		}
	}
	return pairs
}

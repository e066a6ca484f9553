package kernel

import "math"

// The int8 product is a linear layer, y = x·wᵀ + bias, on bytes. Its numbers have the
// one definition below, and all kernels give the same bits. In it fl(v) is the float32
// nearest to v and rnd(v) the integer nearest to v, of two equally near ones the even.
//
// A row x of activations becomes bytes u, 0 … 255, with a scale s and a zero point z
// of its own. The range includes 0, so 0 has a byte, z, and padding is exact:
//
//	lo = min(0, min x)    hi = max(0, max x)
//	s  = max(fl(fl(hi/255) − fl(lo/255)), 2⁻¹²⁶)
//	r  = fl(1/s)
//	z  = rnd(fl(−lo·r))
//	u  = min(rnd(fl(x·r)) + z, 255)
//
// So elements are multiplied by a reciprocal, not divided; the least scale, the least
// normal float32, makes a row of zeros nothing special. A row with an element that is
// NaN or infinite has no bytes: its outputs are NaN, and what quantises it says which
// row it is.
//
// A row w of the weights, those of one output, becomes integers v, −127 … 127, with a
// scale c (symmetric: no zero point):
//
//	c = max(fl(max |w|/127), 2⁻¹²⁶)
//	v = rnd(fl(w/c))
//
// Sums are integers, exact in 32 bits as long as a row has at most maxDepth elements,
// and what the zero point adds to them leaves while they are integers, since a float32
// holds only those below 2²⁴. Then every product and the sum is rounded by itself; no
// kernel fuses them:
//
//	d = Σ u·v − z·Σ v
//	y = fl(fl(fl(fl(d)·s)·c) + bias)
//
// A matrix may have factors f, one for each element of a row of activations, which is
// fl(x·f) in place of x above; whoever quantised the weights has divided them by f before
// (Int8.Smoothed).
//
// An activation may follow (Activation).

// maxDepth is how many terms a sum may have: 255·127·maxDepth < 2³¹.
const maxDepth = (1<<31 - 1) / (255 * 127)

// leastScale is the least scale of a row, 2⁻¹²⁶.
const leastScale = 0x1p-126

// int8Naive computes the product by its definition, of weights v with scales c.
func int8Naive(y, x []float32, v []int8, c, bias []float32, rows, out, in int) {
	for i := range rows {
		u, s, z := quantizeNaive(x[i*in : (i+1)*in])
		for j := range out {
			var d int32
			for k := range in {
				d += (int32(u[k]) - z) * int32(v[j*in+k])
			}
			product := float32(float32(d) * s)
			product = float32(product * c[j])
			y[i*out+j] = product + bias[j]
		}
	}
}

// quantizeNaive returns the bytes of a row by their definition, scale and zero point.
func quantizeNaive(x []float32) (u []uint8, s float32, z int32) {
	u = make([]uint8, len(x))
	var lo, hi float32
	for _, v := range x {
		if v-v != 0 {
			return u, float32(math.NaN()), 0
		}
		lo, hi = min(lo, v), max(hi, v)
	}
	s = max(hi/255-lo/255, leastScale)
	r := 1 / s
	z = roundEven(-lo * r)
	for k, v := range x {
		u[k] = uint8(min(roundEven(v*r)+z, 255))
	}
	return u, s, z
}

// roundEven returns the integer nearest to v, of two the even one.
func roundEven(v float32) int32 { return int32(math.RoundToEven(float64(v))) }

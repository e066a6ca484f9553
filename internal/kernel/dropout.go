package kernel

// Dropout writes x with each element zeroed with probability rate and the
// others scaled by 1/(1−rate) to dst, which may alias x. Which elements fall is
// a function of seed and the element's index at + i alone: the gradient is the
// same call on the upstream gradient, and a resumed run repeats its masks from
// the step number without any saved generator.
//
// Each element is decided by 16 bits of a hash of its group of four, so the rate
// is taken to the nearest 1/65536.
func Dropout[T Float](dst, x []T, rate float64, seed uint64, at int) {
	bound := uint64(rate*(1<<16) + 0.5)
	dst = dst[:len(x)]
	i := 0
	if vector[T]() && len(x) >= 32 {
		head := -at & 3 // up to the next group
		dropoutNaive(dst[:head], x[:head], bound, seed, at)
		i = head + (len(x)-head)&^15
		var first [4]uint64
		for k := range first {
			first[k] = seed + uint64((at+head)>>2+k)*golden
		}
		step := uint64(golden)
		dropoutSIMD(f32(dst[head:]), f32(x[head:]), i-head, &first, 4*step, uint32(bound), float32(1/(1-float64(bound)/(1<<16))))
	}
	dropoutNaive(dst[i:], x[i:], bound, seed, at+i)
}

// dropoutNaive is Dropout of elements that fall where their 16 bits are below bound.
func dropoutNaive[T Float](dst, x []T, bound, seed uint64, at int) {
	factor := [2]T{T(1 / (1 - float64(bound)/(1<<16))), 0} // by whether the element falls: no branch to guess
	for i, v := range x {
		bits := hash(seed, uint64(at+i)>>2) >> (16 * ((at + i) & 3))
		dst[i] = v * factor[(bits&0xffff-bound)>>63]
	}
}

// golden is 2⁶⁴ divided by the golden ratio.
const golden = 0x9e3779b97f4a7c15

// hash mixes a seed and a counter into 64 even bits.
func hash(seed, i uint64) uint64 { return finish(seed + i*golden) }

// finish mixes the bits of z.
func finish(z uint64) uint64 {
	z = (z ^ (z >> 32)) * 0xd6e8feb86659fd93
	z = (z ^ (z >> 32)) * 0xd6e8feb86659fd93
	return z ^ (z >> 32)
}

// Mix derives an independent seed from a seed and some numbers that tell its
// uses apart (step, worker, place in the network).
func Mix(seed uint64, parts ...uint64) uint64 {
	for _, p := range parts {
		seed ^= p + golden + seed<<6 + seed>>2
		seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9
		seed = (seed ^ (seed >> 27)) * 0x94d049bb133111eb
		seed ^= seed >> 31
	}
	return seed
}

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
	factor := [2]T{T(1 / (1 - float64(bound)/(1<<16))), 0} // by whether the element falls: no branch to guess
	falls := func(bits uint64) uint64 { return (bits&0xffff - bound) >> 63 }
	dst = dst[:len(x)]
	i := 0
	for ; i < len(x) && (at+i)&3 != 0; i++ {
		dst[i] = x[i] * factor[falls(hash(seed, uint64(at+i)>>2)>>(16*((at+i)&3)))]
	}
	for ; i+4 <= len(x); i += 4 {
		bits, from, to := hash(seed, uint64(at+i)>>2), x[i:i+4:i+4], dst[i:i+4:i+4]
		to[0] = from[0] * factor[falls(bits)]
		to[1] = from[1] * factor[falls(bits>>16)]
		to[2] = from[2] * factor[falls(bits>>32)]
		to[3] = from[3] * factor[falls(bits>>48)]
	}
	for ; i < len(x); i++ {
		dst[i] = x[i] * factor[falls(hash(seed, uint64(at+i)>>2)>>(16*((at+i)&3)))]
	}
}

// hash mixes a seed and a counter into 64 even bits.
func hash(seed, i uint64) uint64 {
	z := seed + i*0x9e3779b97f4a7c15
	z = (z ^ (z >> 32)) * 0xd6e8feb86659fd93
	z = (z ^ (z >> 32)) * 0xd6e8feb86659fd93
	return z ^ (z >> 32)
}

// Mix derives an independent seed from a seed and some numbers that tell its
// uses apart (step, worker, place in the network).
func Mix(seed uint64, parts ...uint64) uint64 {
	for _, p := range parts {
		seed ^= p + 0x9e3779b97f4a7c15 + seed<<6 + seed>>2
		seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9
		seed = (seed ^ (seed >> 27)) * 0x94d049bb133111eb
		seed ^= seed >> 31
	}
	return seed
}

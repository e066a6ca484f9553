package kernel

// Dropout writes x with each element zeroed with probability rate and the
// others scaled by 1/(1−rate) to dst, which may alias x. Which elements fall is
// a function of seed and the element's index at + i alone: the gradient is the
// same call on the upstream gradient, and a resumed run repeats its masks from
// the step number without any saved generator.
func Dropout[T Float](dst, x []T, rate float64, seed uint64, at int) {
	scale := T(1 / (1 - rate))
	bound := uint32(rate * (1 << 32))
	for i, v := range x {
		if hash32(seed, uint64(at+i)) < bound {
			dst[i] = 0
		} else {
			dst[i] = v * scale
		}
	}
}

// hash32 mixes a seed and a counter into 32 even bits.
func hash32(seed, i uint64) uint32 {
	z := seed + i*0x9e3779b97f4a7c15
	z = (z ^ (z >> 32)) * 0xd6e8feb86659fd93
	z = (z ^ (z >> 32)) * 0xd6e8feb86659fd93
	return uint32(z >> 32)
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

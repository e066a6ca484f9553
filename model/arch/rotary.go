package arch

import "math"

// RotaryFrequencies are those of the pairs of a head of width d, in radians by position:
// θ^(−2k/d) for pair k, of which there are d/2. The arithmetic is float32, as in
// transformers' rotary embeddings.
func RotaryFrequencies(theta float64, d int) []float32 {
	list := make([]float32, d/2)
	for k := range list {
		power := float32(2*k) / float32(d)
		list[k] = 1 / float32(math.Pow(float64(float32(theta)), float64(power)))
	}
	return list
}

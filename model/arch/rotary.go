package arch

import "math"

// RotaryFrequency is that of pair k of a head of width d, in radians by position: θ^(−2k/d).
// The arithmetic is float32, as in transformers' rotary embeddings.
func RotaryFrequency(theta float64, k, d int) float32 {
	power := float32(2*k) / float32(d)
	return 1 / float32(math.Pow(float64(float32(theta)), float64(power)))
}

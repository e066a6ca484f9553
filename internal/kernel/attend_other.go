//go:build !amd64

package kernel

// strips and stripsOf are for AVX-512 alone.
func strips(attending[float32]) bool { return false }

func stripsOf(attending[float32], []float32) bool { return false }

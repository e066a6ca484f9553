//go:build !amd64

package kernel

// strips and stripsOf are for AVX-512 alone.
func strips(Head[float32], Strided[float32]) bool { return false }

func stripsOf(Head[float32], []float32) bool { return false }

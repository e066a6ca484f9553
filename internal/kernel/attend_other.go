//go:build !amd64

package kernel

// strips is for AVX-512 alone.
func strips(attending[float32]) bool { return false }

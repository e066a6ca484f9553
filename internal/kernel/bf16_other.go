//go:build !amd64

package kernel

// hasBF16 tells whether there is bf16SIMD.
var hasBF16 = false

func bf16SIMD(*product[float32]) { panic(absent) }

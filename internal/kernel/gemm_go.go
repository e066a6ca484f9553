//go:build !openblas || !cgo

package kernel

func backend() string { return level.String() }

func gemm32(g product[float32]) { gemmSIMD(&g) }

// gemm64 verifies and is not in a hurry.
func gemm64(g product[float64]) { gemmBlocked(&g) }

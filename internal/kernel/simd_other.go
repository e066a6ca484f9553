//go:build !amd64

package kernel

func detect() simd { return scalar }

func gemmSIMD(g *product[float32]) { gemmBlocked(g) }

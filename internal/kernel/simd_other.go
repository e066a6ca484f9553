//go:build !amd64

package kernel

func detect() simd { return scalar }

func gemmSIMD(g *product[float32]) { gemmBlocked(g) }

func panelWidth() int { return 0 }

// No kernel calls these where level is scalar.

const absent = "kernel: no vector kernels on this processor"

func addAVX2(dst, x *float32, n int)                                   { panic(absent) }
func sumToAVX2(dst, a, b *float32, n int)                              { panic(absent) }
func scaleAVX2(dst, x *float32, n int, s float32)                      { panic(absent) }
func dotAVX2(a, b *float32, n int) float32                             { panic(absent) }
func geluAVX2(dst, x *float32, n int, c *lanes)                        { panic(absent) }
func geluGradAVX2(dx, dy, x *float32, n int, c, e *lanes)              { panic(absent) }
func geluTanhAVX2(dst, x *float32, n int, c *lanes)                    { panic(absent) }
func geluTanhGradAVX2(dx, dy, x *float32, n int, c *lanes)             { panic(absent) }
func tanhAVX2(dst, x *float32, n int, c *lanes)                        { panic(absent) }
func softmaxAVX2(x *float32, n int, scale float32, e *lanes)           { panic(absent) }
func softmaxGradAVX2(dx, p, dp *float32, n int, scale float32)         { panic(absent) }
func sumAVX2(x *float32, n int) float64                                { panic(absent) }
func squaresAVX2(x *float32, n int, mean float32) float64              { panic(absent) }
func normAVX2(dst, x, gamma, beta *float32, n int, mean, rstd float32) { panic(absent) }
func normSumsAVX2(dgamma, dbeta, dy, x, gamma *float32, n int, mean, rstd float32) (sum, dot float32) {
	panic(absent)
}
func normGradAVX2(dx, dy, x, gamma *float32, n int, mean, rstd, sum, dot float32) { panic(absent) }
func adamWAVX2(w, m, v, grad *float32, n int, c *float32)                         { panic(absent) }
func dropoutAVX2(dst, x *float32, n int, first *[4]uint64, step uint64, bound uint32, factor float32) {
	panic(absent)
}

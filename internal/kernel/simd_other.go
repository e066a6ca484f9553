//go:build !amd64 && !arm64

package kernel

func detect() []simd { return []simd{scalar} }

func gemmSIMD(g *product[float32]) { gemmBlocked(g) }

func panelWidth() int { return 0 }

// No kernel calls these where level is scalar.

func addSIMD(dst, x *float32, n int)                                   { panic(absent) }
func sumToSIMD(dst, a, b *float32, n int)                              { panic(absent) }
func timesToSIMD(dst, a, b *float32, n int)                            { panic(absent) }
func scaleSIMD(dst, x *float32, n int, s float32)                      { panic(absent) }
func dotSIMD(a, b *float32, n int) float32                             { panic(absent) }
func geluSIMD(dst, x *float32, n int, c *lanes)                        { panic(absent) }
func geluGradSIMD(dx, dy, x *float32, n int, c, e *lanes)              { panic(absent) }
func geluTanhSIMD(dst, x *float32, n int, c *lanes)                    { panic(absent) }
func geluTanhGradSIMD(dx, dy, x *float32, n int, c *lanes)             { panic(absent) }
func tanhSIMD(dst, x *float32, n int, c *lanes)                        { panic(absent) }
func softmaxSIMD(x *float32, n int, scale float32, e *lanes)           { panic(absent) }
func softmaxGradSIMD(dx, p, dp *float32, n int, scale float32)         { panic(absent) }
func sumSIMD(x *float32, n int) float64                                { panic(absent) }
func squaresSIMD(x *float32, n int, mean float32) float64              { panic(absent) }
func normSIMD(dst, x, gamma, beta *float32, n int, mean, rstd float32) { panic(absent) }
func normSumsSIMD(dgamma, dbeta, dy, x, gamma *float32, n int, mean, rstd float32) (sum, dot float32) {
	panic(absent)
}
func normGradSIMD(dx, dy, x, gamma *float32, n int, mean, rstd, sum, dot float32) { panic(absent) }
func adamWSIMD(w, m, v, grad *float32, n int, c *float32)                         { panic(absent) }
func dropoutSIMD(dst, x *float32, n int, first *[4]uint64, step uint64, bound uint32, factor float32) {
	panic(absent)
}

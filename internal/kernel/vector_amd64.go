package kernel

//go:noescape
func addAVX2(dst, x *float32, n int)

//go:noescape
func sumToAVX2(dst, a, b *float32, n int)

//go:noescape
func scaleAVX2(dst, x *float32, n int, s float32)

//go:noescape
func dotAVX2(a, b *float32, n int) float32

//go:noescape
func geluAVX2(dst, x *float32, n int, c *lanes)

//go:noescape
func geluGradAVX2(dx, dy, x *float32, n int, c, e *lanes)

//go:noescape
func geluTanhAVX2(dst, x *float32, n int, c *lanes)

//go:noescape
func geluTanhGradAVX2(dx, dy, x *float32, n int, c *lanes)

//go:noescape
func tanhAVX2(dst, x *float32, n int, c *lanes)

//go:noescape
func softmaxAVX2(x *float32, n int, scale float32, e *lanes)

//go:noescape
func softmaxGradAVX2(dx, p, dp *float32, n int, scale float32)

//go:noescape
func sumAVX2(x *float32, n int) float64

//go:noescape
func squaresAVX2(x *float32, n int, mean float32) float64

//go:noescape
func normAVX2(dst, x, gamma, beta *float32, n int, mean, rstd float32)

//go:noescape
func normSumsAVX2(dgamma, dbeta, dy, x, gamma *float32, n int, mean, rstd float32) (sum, dot float32)

//go:noescape
func normGradAVX2(dx, dy, x, gamma *float32, n int, mean, rstd, sum, dot float32)

//go:noescape
func adamWAVX2(w, m, v, grad *float32, n int, c *float32)

//go:noescape
func dropoutAVX2(dst, x *float32, n int, first *[4]uint64, step uint64, bound uint32, factor float32)

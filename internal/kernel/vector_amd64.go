package kernel

//go:noescape
func addSIMD(dst, x *float32, n int)

//go:noescape
func sumToSIMD(dst, a, b *float32, n int)

//go:noescape
func timesToSIMD(dst, a, b *float32, n int)

//go:noescape
func scaleSIMD(dst, x *float32, n int, s float32)

//go:noescape
func dotSIMD(a, b *float32, n int) float32

//go:noescape
func geluSIMD(dst, x *float32, n int, c *lanes)

//go:noescape
func geluGradSIMD(dx, dy, x *float32, n int, c, e *lanes)

//go:noescape
func geluTanhSIMD(dst, x *float32, n int, c *lanes)

//go:noescape
func geluTanhGradSIMD(dx, dy, x *float32, n int, c *lanes)

//go:noescape
func tanhSIMD(dst, x *float32, n int, c *lanes)

//go:noescape
func softmaxSIMD(x *float32, n int, scale float32, e *lanes)

//go:noescape
func softmaxGradSIMD(dx, p, dp *float32, n int, scale float32)

//go:noescape
func sumSIMD(x *float32, n int) float64

//go:noescape
func squaresSIMD(x *float32, n int, mean float32) float64

//go:noescape
func normSIMD(dst, x, gamma, beta *float32, n int, mean, rstd float32)

//go:noescape
func normSumsSIMD(dgamma, dbeta, dy, x, gamma *float32, n int, mean, rstd float32) (sum, dot float32)

//go:noescape
func normGradSIMD(dx, dy, x, gamma *float32, n int, mean, rstd, sum, dot float32)

//go:noescape
func adamWSIMD(w, m, v, grad *float32, n int, c *float32)

//go:noescape
func dropoutSIMD(dst, x *float32, n int, first *[4]uint64, step uint64, bound uint32, factor float32)

package kernel

import "unsafe"

// The kernels of AdvSIMD take a multiple of four elements. The last few of a slice come
// to them in a copy, filled up with zeros.

//go:noescape
func sumToNEON(dst, a, b *float32, n int)

//go:noescape
func timesToNEON(dst, a, b *float32, n int)

//go:noescape
func scaleNEON(dst, x *float32, n int, s float32)

//go:noescape
func dotNEON(a, b *float32, n int) float32

//go:noescape
func geluNEON(dst, x *float32, n int, c *lanes)

//go:noescape
func geluGradNEON(dx, dy, x *float32, n int, c, e *lanes)

//go:noescape
func geluTanhNEON(dst, x *float32, n int, c *lanes)

//go:noescape
func geluTanhGradNEON(dx, dy, x *float32, n int, c *lanes)

//go:noescape
func tanhNEON(dst, x *float32, n int, c *lanes)

//go:noescape
func topNEON(x *float32, n int, scale float32) float32

//go:noescape
func expNEON(x *float32, n int, scale, top float32, e *lanes) float32

//go:noescape
func slopeNEON(dx, p, dp *float32, n int, scale, dot float32)

//go:noescape
func sumNEON(x *float32, n int) float64

//go:noescape
func squaresNEON(x *float32, n int, mean float32) float64

//go:noescape
func normNEON(dst, x, gamma, beta *float32, n int, mean, rstd float32)

//go:noescape
func normSumsNEON(dgamma, dbeta, dy, x, gamma *float32, n int, mean, rstd float32) (sum, dot float32)

//go:noescape
func normGradNEON(dx, dy, x, gamma *float32, n int, mean, rstd, sum, dot float32)

//go:noescape
func adamWNEON(w, m, v, grad *float32, n int, c *float32)

// four is what is left of n elements behind the last multiple of four.
type four [4]float32

func rest(x *float32, n int) (f four) {
	copy(f[:], unsafe.Slice(x, n)[n&^3:])
	return f
}

// put stores the four where rest would take them from.
func (f *four) put(dst *float32, n int) { copy(unsafe.Slice(dst, n)[n&^3:], f[:]) }

func addSIMD(dst, x *float32, n int) { sumToSIMD(dst, dst, x, n) }

func sumToSIMD(dst, a, b *float32, n int) {
	sumToNEON(dst, a, b, n&^3)
	if n&3 != 0 {
		x, y := rest(a, n), rest(b, n)
		sumToNEON(&x[0], &x[0], &y[0], 4)
		x.put(dst, n)
	}
}

func timesToSIMD(dst, a, b *float32, n int) {
	timesToNEON(dst, a, b, n&^3)
	if n&3 != 0 {
		x, y := rest(a, n), rest(b, n)
		timesToNEON(&x[0], &x[0], &y[0], 4)
		x.put(dst, n)
	}
}

func scaleSIMD(dst, x *float32, n int, s float32) {
	scaleNEON(dst, x, n&^3, s)
	if n&3 != 0 {
		f := rest(x, n)
		scaleNEON(&f[0], &f[0], 4, s)
		f.put(dst, n)
	}
}

func dotSIMD(a, b *float32, n int) float32 {
	sum := dotNEON(a, b, n&^3)
	if n&3 != 0 {
		x, y := rest(a, n), rest(b, n)
		sum += dotNEON(&x[0], &y[0], 4)
	}
	return sum
}

func geluSIMD(dst, x *float32, n int, c *lanes) {
	geluNEON(dst, x, n&^3, c)
	if n&3 != 0 {
		f := rest(x, n)
		geluNEON(&f[0], &f[0], 4, c)
		f.put(dst, n)
	}
}

func geluTanhSIMD(dst, x *float32, n int, c *lanes) {
	geluTanhNEON(dst, x, n&^3, c)
	if n&3 != 0 {
		f := rest(x, n)
		geluTanhNEON(&f[0], &f[0], 4, c)
		f.put(dst, n)
	}
}

func tanhSIMD(dst, x *float32, n int, c *lanes) {
	tanhNEON(dst, x, n&^3, c)
	if n&3 != 0 {
		f := rest(x, n)
		tanhNEON(&f[0], &f[0], 4, c)
		f.put(dst, n)
	}
}

func geluGradSIMD(dx, dy, x *float32, n int, c, e *lanes) {
	geluGradNEON(dx, dy, x, n&^3, c, e)
	if n&3 != 0 {
		f, g := rest(x, n), rest(dy, n)
		geluGradNEON(&f[0], &g[0], &f[0], 4, c, e)
		f.put(dx, n)
	}
}

func geluTanhGradSIMD(dx, dy, x *float32, n int, c *lanes) {
	geluTanhGradNEON(dx, dy, x, n&^3, c)
	if n&3 != 0 {
		f, g := rest(x, n), rest(dy, n)
		geluTanhGradNEON(&f[0], &g[0], &f[0], 4, c)
		f.put(dx, n)
	}
}

// softmaxSIMD is one row, n > 0, in three passes: the largest scaled element; the
// exponentials and their sum; the division.
func softmaxSIMD(x *float32, n int, scale float32, e *lanes) {
	row := unsafe.Slice(x, n)
	top := scale * row[n-1]
	if n >= 4 {
		top = max(top, topNEON(x, n&^3, scale))
	}
	for _, v := range row[n&^3:] {
		top = max(top, scale*v)
	}
	sum := expNEON(x, n&^3, scale, top, e)
	if n&3 != 0 {
		f := rest(x, n)
		expNEON(&f[0], 4, scale, top, e)
		for _, v := range f[:n&3] {
			sum += v
		}
		f.put(x, n)
	}
	scaleSIMD(x, x, n, 1/sum)
}

func softmaxGradSIMD(dx, p, dp *float32, n int, scale float32) {
	dot := dotSIMD(p, dp, n)
	slopeNEON(dx, p, dp, n&^3, scale, dot)
	if n&3 != 0 {
		x, y := rest(p, n), rest(dp, n)
		slopeNEON(&x[0], &x[0], &y[0], 4, scale, dot)
		x.put(dx, n)
	}
}

func sumSIMD(x *float32, n int) float64 {
	f := rest(x, n)
	return sumNEON(x, n&^3) + sumNEON(&f[0], 4)
}

func squaresSIMD(x *float32, n int, mean float32) float64 {
	sum := squaresNEON(x, n&^3, mean)
	for _, v := range unsafe.Slice(x, n)[n&^3:] {
		d := float64(v - mean)
		sum += d * d
	}
	return sum
}

func normSIMD(dst, x, gamma, beta *float32, n int, mean, rstd float32) {
	normNEON(dst, x, gamma, beta, n&^3, mean, rstd)
	if n&3 != 0 {
		f, g, b := rest(x, n), rest(gamma, n), rest(beta, n)
		normNEON(&f[0], &f[0], &g[0], &b[0], 4, mean, rstd)
		f.put(dst, n)
	}
}

func normSumsSIMD(dgamma, dbeta, dy, x, gamma *float32, n int, mean, rstd float32) (sum, dot float32) {
	sum, dot = normSumsNEON(dgamma, dbeta, dy, x, gamma, n&^3, mean, rstd)
	if n&3 != 0 {
		dg, db, d, f, g := rest(dgamma, n), rest(dbeta, n), rest(dy, n), rest(x, n), rest(gamma, n)
		s, t := normSumsNEON(&dg[0], &db[0], &d[0], &f[0], &g[0], 4, mean, rstd)
		dg.put(dgamma, n)
		db.put(dbeta, n)
		sum, dot = sum+s, dot+t
	}
	return sum, dot
}

func normGradSIMD(dx, dy, x, gamma *float32, n int, mean, rstd, sum, dot float32) {
	normGradNEON(dx, dy, x, gamma, n&^3, mean, rstd, sum, dot)
	if n&3 != 0 {
		d, f, g := rest(dy, n), rest(x, n), rest(gamma, n)
		normGradNEON(&d[0], &d[0], &f[0], &g[0], 4, mean, rstd, sum, dot)
		d.put(dx, n)
	}
}

func adamWSIMD(w, m, v, grad *float32, n int, c *float32) {
	adamWNEON(w, m, v, grad, n&^3, c)
	if n&3 != 0 {
		a, b, d, g := rest(w, n), rest(m, n), rest(v, n), rest(grad, n)
		adamWNEON(&a[0], &b[0], &d[0], &g[0], 4, c)
		a.put(w, n)
		b.put(m, n)
		d.put(v, n)
	}
}

// dropoutSIMD is in Go, whose products of 64 bits AdvSIMD has not: a hash decides of four
// elements.
func dropoutSIMD(dst, x *float32, n int, first *[4]uint64, step uint64, bound uint32, factor float32) {
	to, from := unsafe.Slice(dst, n), unsafe.Slice(x, n)
	factors := [2]float32{factor, 0}
	for i := 0; i < n; i += 4 {
		bits := finish(first[i>>2&3] + uint64(i>>4)*step)
		for j := range 4 {
			to[i+j] = from[i+j] * factors[(bits>>(16*j)&0xffff-uint64(bound))>>63]
		}
	}
}

package kernel

import "golang.org/x/sys/cpu"

//go:noescape
func spanNEON(x *float32, n int) (lo, hi float32)

//go:noescape
func quantizeNEON(dst *byte, x *float32, n int, r float32, z int32)

//go:noescape
func int8TileI8MM(t *int8Tile)

//go:noescape
func int8TileDotprod(t *int8Tile)

//go:noescape
func int8TileNEON(t *int8Tile)

//go:noescape
func curveNEON(y *float32, ldy, rows, n int, c *lanes)

// int8Kernels are those of this architecture, the preferred ones first. Its
// instructions multiply signed bytes, so activations are stored less 128.
var int8Kernels = []*int8Kernel{
	{
		name: "i8mm", lacks: lacking("I8MM", &cpu.ARM64.HasI8MM),
		rows: 8, cols: 8, group: 8, depth: 16, bytes: 1, offset: 128,
		span: spanSIMD, quantize: quantizeSigned, tile: int8TileI8MM, curve: curveSIMD,
	},
	{
		name: "dotprod", lacks: lacking("SDOT", &cpu.ARM64.HasASIMDDP),
		rows: 8, cols: 8, group: 4, depth: 16, bytes: 1, offset: 128,
		span: spanSIMD, quantize: quantizeSigned, tile: int8TileDotprod, curve: curveSIMD,
	},
	{
		name: "neon", lacks: func() string { return "" },
		rows: 8, cols: 8, group: 2, depth: 16, bytes: 1, offset: 128,
		span: spanSIMD, quantize: quantizeSigned, tile: int8TileNEON, curve: curveSIMD,
	},
	goInt8,
}

// lacking makes a kernel's lacks: it needs what has tells.
func lacking(what string, has *bool) func() string {
	return func() string {
		if *has {
			return ""
		}
		return what
	}
}

// simdBlock is the elements of a row that the assembly takes at a time.
const simdBlock = 16

// spanSIMD computes spanGo.
func spanSIMD(x []float32) (lo, hi float32) {
	n := len(x) &^ (simdBlock - 1)
	lo, hi = spanGo(x[n:])
	if n == 0 {
		return lo, hi
	}
	least, greatest := spanNEON(&x[0], n)
	return min(lo, least), max(hi, greatest)
}

// quantizeSigned computes quantizeGo less 128, z being less 128, too.
func quantizeSigned(dst []byte, x []float32, r float32, z int32) {
	n := len(x) &^ (simdBlock - 1)
	if n > 0 {
		quantizeNEON(&dst[0], &x[0], n, r, z)
	}
	rest := dst[n:len(x)]
	quantizeGo(rest, x[n:], r, z+128)
	for k := range rest {
		rest[k] -= 128
	}
}

// curveSIMD computes curveGo for panels of a multiple of 4 columns.
func curveSIMD(t *int8Tile) {
	curveNEON(t.y, t.ldy, t.rows, t.panels*t.cols, t.curve)
}

package kernel

import (
	"math"

	"golang.org/x/sys/cpu"
)

//go:noescape
func spanAVX2(x *float32, n int) (lo, hi float32, most uint32)

//go:noescape
func quantizeAVX2(dst *byte, x *float32, n int, r float32, z int32)

//go:noescape
func quantizeWordsAVX2(dst *byte, x *float32, n int, r float32, z int32)

//go:noescape
func int8TileAVX512(t *int8Tile)

//go:noescape
func int8TileAVXVNNI(t *int8Tile)

//go:noescape
func int8TileAVX2(t *int8Tile)

//go:noescape
func curveAVX2(y *float32, ldy, rows, n int, c *lanes)

// int8Kernels are those of this architecture, the preferred ones first.
var int8Kernels = []*int8Kernel{
	{
		name: "amx", lacks: lacksAMX, permit: permitAMX, byName: true,
		rows: 32, cols: 32, group: 4, depth: 64, bytes: 1, wide: true,
		span: spanSIMD, quantize: quantizeBytes, tile: int8TileTMUL, curve: curveSIMD,
	},
	{
		name: "avx512vnni", lacks: lacking("AVX-512 VNNI", &cpu.X86.HasAVX512VNNI),
		rows: 14, cols: 32, group: 4, depth: 4, bytes: 1, wide: true, adds: true,
		span: spanSIMD, quantize: quantizeBytes, tile: int8TileAVX512,
	},
	{
		name: "avxvnni", lacks: lacking("AVX-VNNI", &cpu.X86.HasAVXVNNI), byName: true,
		rows: 6, cols: 16, group: 4, depth: 4, bytes: 1,
		span: spanSIMD, quantize: quantizeBytes, tile: int8TileAVXVNNI, curve: curveSIMD,
	},
	{
		name: "avx2", lacks: lacking("AVX2", &cpu.X86.HasAVX2),
		rows: 6, cols: 16, group: 2, depth: 2, bytes: 2,
		span: spanSIMD, quantize: quantizeWords, tile: int8TileAVX2, curve: curveSIMD,
	},
	goInt8,
}

// lacking makes a kernel's lacks: it needs AVX2 and what has tells.
func lacking(what string, has *bool) func() string {
	return func() string {
		if *has && cpu.X86.HasAVX2 {
			return ""
		}
		return what
	}
}

// simdBlock is the elements of a row that the assembly takes at a time.
const simdBlock = 32

// spanSIMD computes spanGo.
func spanSIMD(x []float32) (lo, hi float32) {
	n := len(x) &^ (simdBlock - 1)
	lo, hi = spanGo(x[n:])
	if n == 0 {
		return lo, hi
	}
	least, greatest, most := spanAVX2(&x[0], n)
	if most >= infinite {
		least = float32(math.NaN())
	}
	return min(lo, least), max(hi, greatest)
}

// quantizeBytes computes quantizeGo.
func quantizeBytes(dst []byte, x []float32, r float32, z int32) {
	n := len(x) &^ (simdBlock - 1)
	if n > 0 {
		quantizeAVX2(&dst[0], &x[0], n, r, z)
	}
	quantizeGo(dst[n:], x[n:], r, z)
}

// quantizeWords computes quantizeGo with 16 bits an element, as VPMADDWD reads them.
func quantizeWords(dst []byte, x []float32, r float32, z int32) {
	n := len(x) &^ (simdBlock - 1)
	if n > 0 {
		quantizeWordsAVX2(&dst[0], &x[0], n, r, z)
	}
	var rest [simdBlock]byte
	quantizeGo(rest[:], x[n:], r, z)
	for k, u := range rest[:len(x)-n] {
		dst[2*(n+k)], dst[2*(n+k)+1] = u, 0
	}
}

// curveSIMD computes curveGo for panels of a multiple of 8 columns.
func curveSIMD(t *int8Tile) {
	curveAVX2(t.y, t.ldy, t.rows, t.panels*t.cols, t.curve)
}

package kernel

//go:noescape
func tileAVX512(h, k int, a *float32, rs, cs int, b *float32, bs int, c *float32, ldc int, d *float32, ldd int, mask, add uint32, ahead *float32, pace int)

// tile16 is a tile of AVX2, of 16 columns.
//
//go:noescape
func tile16(h, k int, a *float32, rs, cs int, b *float32, bs int, c *float32, ldc int, d *float32, ldd int, add uint32)

//go:noescape
func packRowsAVX2(dst, src *float32, ld, rows, nr int)

// packRows copies nr columns of rows that lie ld elements apart.
func packRows(dst, src []float32, ld, rows, nr int) { packRowsAVX2(&dst[0], &src[0], ld, rows, nr) }

//go:noescape
func packCols8(dst *float32, rows *[8]*float32, k, nr int)

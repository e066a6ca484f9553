package kernel

import "unsafe"

// tileAVX512 is no kernel of this architecture.
func tileAVX512(int, int, *float32, int, int, *float32, int, *float32, int, *float32, int, uint32, uint32, *float32, int) {
	panic(absent)
}

// tile16 is a tile of AdvSIMD, of 16 columns.
//
//go:noescape
func tile16(h, k int, a *float32, rs, cs int, b *float32, bs int, c *float32, ldc int, d *float32, ldd int, add uint32)

// packRows copies nr columns of rows that lie ld elements apart.
func packRows(dst, src []float32, ld, rows, nr int) {
	for i := range rows {
		copy(dst[i*nr:(i+1)*nr], src[i*ld:])
	}
}

// packCols8 transposes 8 rows of k elements into columns of a panel that is nr wide.
func packCols8(dst *float32, rows *[8]*float32, k, nr int) {
	to := unsafe.Slice(dst, (k-1)*nr+len(rows))
	for j, row := range rows {
		for p, v := range unsafe.Slice(row, k) {
			to[p*nr+j] = v
		}
	}
}

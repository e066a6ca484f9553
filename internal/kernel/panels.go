//go:build amd64 || arm64

package kernel

// panels is the block of op(B) that starts at (p, j): as it lies where one row after
// another can be read in place, copied otherwise.
func (t *tiler) panels(p, kb, j, nb int) panels {
	switch {
	case t.packed:
		return panels{t.b[j*t.k+p*t.nr:], t.k, t.nr}
	case t.transB:
		t.packCols(t.work.b[:], p, kb, j, nb)
	case t.inPlace(nb):
		return panels{t.b[p*t.ldb+j:], 1, t.ldb}
	default:
		t.packRows(t.work.b[:], p, kb, j, nb)
	}
	return panels{t.work.b[:], kb, t.nr}
}

// inPlace reports whether the tiles may read B where it is: they must be able to mask
// the last columns, and few enough strips must pass that a copy would not pay.
func (t *tiler) inPlace(nb int) bool {
	return (t.level == avx512 || nb%t.nr == 0) && t.m <= inPlaceStrips*t.mr
}

const inPlaceStrips = 8

// packRows copies rows of B into panels at block.
func (t *tiler) packRows(block []float32, p, kb, j, nb int) {
	for q := 0; q < nb; q += t.nr {
		dst, src := block[q*kb:], t.b[p*t.ldb+j+q:]
		if w := nb - q; w >= t.nr {
			packRows(dst, src, t.ldb, kb, t.nr)
		} else {
			for i := range kb {
				copy(dst[i*t.nr:i*t.nr+w], src[i*t.ldb:])
			}
		}
	}
}

// packCols transposes rows of B, eight by eight, into columns of panels at block. Columns
// beyond the last repeat it; no tile keeps them.
func (t *tiler) packCols(block []float32, p, kb, j, nb int) {
	for q := 0; q < nb; q += t.nr {
		for s := q; s < min(q+t.nr, nb); s += 8 {
			var rows [8]*float32
			for i := range rows {
				rows[i] = &t.b[(j+min(s+i, nb-1))*t.ldb+p]
			}
			packCols8(&block[q*kb+s-q], &rows, kb, t.nr)
		}
	}
}

// strip is h rows of op(A) from i on, kb columns from p on: as they lie, unless they
// would crowd into few sets of the first-level cache, or lie on a page each, while
// many panels pass.
func (t *tiler) strip(i, h, p, kb, nb int) strip {
	if t.transA {
		s := strip{h, kb, t.a[p*t.lda+i:], 1, t.lda}
		if t.lda >= 256 && nb > 2*t.nr {
			return s.gathered(t.work.a[:], min(stripCols, t.m-i))
		}
		return s
	}
	s := strip{h, kb, t.a[i*t.lda+p:], t.lda, 1}
	if t.lda%1024 == 0 && nb > t.nr {
		return s.copied(t.work.a[:])
	}
	return s
}

// copied is a strip of rows copied to dst, the rows padded apart.
func (s strip) copied(dst []float32) strip {
	ld := s.k + padA
	for i := range s.h {
		copy(dst[i*ld:i*ld+s.k], s.a[i*s.rs:])
	}
	return strip{s.h, s.k, dst, ld, 1}
}

// gathered is a strip of columns copied to dst, row after row; w of the columns from
// its first on are inside A.
func (s strip) gathered(dst []float32, w int) strip {
	if w == stripCols {
		packRows(dst, s.a, s.cs, s.k, stripCols)
		return strip{s.h, s.k, dst, 1, stripCols}
	}
	for p := range s.k {
		copy(dst[p*stripCols:p*stripCols+s.h], s.a[p*s.cs:])
	}
	return strip{s.h, s.k, dst, 1, stripCols}
}

// addend is what a tile adds to its product before it stores it: row i of the tile
// gets the row at d[i*ld], which is the old C, the bias (ld = 0), or nothing.
type addend struct {
	d  []float32
	ld int
}

// addend is that of the tile at (i, j) over the rows of op(B) from p on.
func (t *tiler) addend(i, j, p int) addend {
	switch {
	case t.accumulate || p > 0:
		return addend{t.c[i*t.ldc+j:], t.ldc}
	case t.bias != nil:
		return addend{t.bias[j:], 0}
	}
	return addend{}
}

// tile multiplies a strip with the panel at b into the w columns of C from (i, j) on.
func (t *tiler) tile(s *strip, b []float32, bs, i, j, w int, add addend, next lookahead) {
	c := t.c[i*t.ldc+j:]
	d := c
	if add.d != nil {
		d = add.d
	}
	switch {
	case t.level == avx512:
		all := uint32(1<<w - 1)
		tileAVX512(s.h, s.k, &s.a[0], s.rs, s.cs, &b[0], bs, &c[0], t.ldc, &d[0], add.ld, all, all*bit(add.d != nil), &next.b[0], next.pace)
	case w == t.nr:
		tile16(s.h, s.k, &s.a[0], s.rs, s.cs, &b[0], bs, &c[0], t.ldc, &d[0], add.ld, -bit(add.d != nil))
	default:
		t.edge(s, b, bs, c, w, add)
	}
}

// edge is tile where C has only w columns more, of tiles that store whole rows.
func (t *tiler) edge(s *strip, b []float32, bs int, c []float32, w int, add addend) {
	var part [6 * 16]float32
	tile16(s.h, s.k, &s.a[0], s.rs, s.cs, &b[0], bs, &part[0], 16, &part[0], 16, 0)
	for r := range s.h {
		row := c[r*t.ldc : r*t.ldc+w]
		if add.d == nil {
			copy(row, part[r*16:])
			continue
		}
		for j, x := range part[r*16 : r*16+w] {
			row[j] = x + add.d[r*add.ld+j]
		}
	}
}

func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

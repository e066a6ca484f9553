package kernel

import "golang.org/x/sys/cpu"

//go:noescape
func tileBF16(h, k int, a *float32, rs, cs int, b *float32, c *float32, ldc int, d *float32, ldd int, mask, add uint32)

//go:noescape
func pairRow(dst, src *float32, n int)

//go:noescape
func pairColumns(dst, src *float32, ld, rows, nr int, mask uint32)

// hasBF16 tells whether the processor has the instructions of bf16SIMD. Only tests change it.
var hasBF16 = cpu.X86.HasAVX2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512BF16

// bf16SIMD computes bf16Naive.
func bf16SIMD(g *product[float32]) {
	work := takeScratch()
	t := pairTiler{tiler{product: g, level: avx512, work: work, mr: even(g.m, tileRows[avx512]), nr: 32}}
	t.run()
	giveScratch(work)
}

// pairTiler is a product of bfloat16 under way. It walks as a tiler does, over pairs in the
// place of elements: it rounds the strips of op(A) before the blocks of op(B) pass, and each
// block as it lays it out in panels.
type pairTiler struct{ tiler }

// strips16 is how many elements the rounded strips have at most: they stay near the core.
const strips16 = 1 << 20

func (t *pairTiler) run() {
	pairs := (t.k + 1) / 2
	kc := even(pairs, bf16Depth)
	nc := blockB / kc / t.nr * t.nr
	mc := strips16 / t.area(kc) * t.mr
	for p := 0; p < pairs; p += kc {
		kb := min(kc, pairs-p)
		for i := 0; i < t.m; i += mc {
			strips := t.strips(i, min(mc, t.m-i), p, kb)
			for j := 0; j < t.n; j += nc {
				t.block(strips, i, p, kb, j, min(nc, t.n-j))
			}
		}
	}
}

// area is the room of a strip of kb pairs.
func (t *pairTiler) area(kb int) int {
	if t.transA {
		return stripCols * kb
	}
	return t.mr * (kb + padA)
}

// strips rounds m rows of op(A) from i on, strip after strip.
func (t *pairTiler) strips(i, m, p, kb int) []float32 {
	area := t.area(kb)
	n := (m + t.mr - 1) / t.mr * area
	t.work.pairs = Room(t.work.pairs, n)
	for r := 0; r < m; r += t.mr {
		t.strip(t.work.pairs[r/t.mr*area:], i+r, min(t.mr, m-r), p, kb)
	}
	return t.work.pairs
}

// block adds the product of strips, which begin at row i, with a block of op(B) of kb pairs.
func (t *pairTiler) block(strips []float32, i, p, kb, j, nb int) {
	t.panels(t.work.b[:], p, kb, j, nb)
	rs, cs := kb+padA, 1
	if t.transA {
		rs, cs = 1, stripCols
	}
	for area := t.area(kb); len(strips) > 0; i += t.mr {
		a := strip{min(t.mr, t.m-i), kb, strips, rs, cs}
		for q := 0; q < nb; q += t.nr {
			t.tile(&a, t.work.b[q*kb:], i, j+q, min(t.nr, nb-q), t.addend(i, j+q, p))
		}
		strips = strips[area:]
	}
}

// depth is how many elements kb pairs from the p-th on have.
func (t *pairTiler) depth(p, kb int) int { return min(2*kb, t.k-2*p) }

// panels lays out nb columns of op(B) from j on, panel after panel from dst on.
func (t *pairTiler) panels(dst []float32, p, kb, j, nb int) {
	for q := 0; q < nb; q += t.nr {
		t.panel(dst[q*kb:], p, kb, j+q)
	}
}

// panel lays out the pairs of the columns of op(B) from j on.
func (t *pairTiler) panel(dst []float32, p, kb, j int) {
	if !t.transB {
		pairColumns(&dst[0], &t.b[2*p*t.ldb+j], t.ldb, t.depth(p, kb), t.nr, firsts(min(t.nr, t.n-j)))
		return
	}
	halves := t.work.a[:]
	for s := 0; s < min(t.nr, t.n-j); s += 8 {
		var rows [8]*float32
		for i := range rows {
			rows[i] = &halves[i*(kb+padA)]
			pairRow(rows[i], &t.b[min(j+s+i, t.n-1)*t.ldb+2*p], t.depth(p, kb))
		}
		packCols8(&dst[s], &rows, kb, t.nr)
	}
}

// strip rounds h rows of op(A) from i on.
func (t *pairTiler) strip(dst []float32, i, h, p, kb int) {
	if t.transA {
		pairColumns(&dst[0], &t.a[2*p*t.lda+i], t.lda, t.depth(p, kb), stripCols, firsts(h))
		return
	}
	for r := range h {
		pairRow(&dst[r*(kb+padA)], &t.a[(i+r)*t.lda+2*p], t.depth(p, kb))
	}
}

// tile multiplies a strip with the panel at b into the w columns of C from (i, j) on.
func (t *pairTiler) tile(s *strip, b []float32, i, j, w int, add addend) {
	c := t.c[i*t.ldc+j:]
	d := c
	if add.d != nil {
		d = add.d
	}
	tileBF16(s.h, s.k, &s.a[0], s.rs, s.cs, &b[0], &c[0], t.ldc, &d[0], add.ld, firsts(w), firsts(w)*bit(add.d != nil))
}

// firsts is a mask of the first n lanes, of 32.
func firsts(n int) uint32 { return uint32(1<<n - 1) }

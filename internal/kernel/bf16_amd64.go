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
// place of elements: it rounds a block of op(B) as it lays it out in panels, and a strip of
// op(A) as it copies it.
type pairTiler struct{ tiler }

func (t *pairTiler) run() {
	pairs := (t.k + 1) / 2
	kc := even(pairs, bf16Depth)
	nc := blockB / kc / t.nr * t.nr
	for p := 0; p < pairs; p += kc {
		for j := 0; j < t.n; j += nc {
			t.block(p, min(kc, pairs-p), j, min(nc, t.n-j))
		}
	}
}

// block is that of tiler, of kb pairs from the p-th on.
func (t *pairTiler) block(p, kb, j, nb int) {
	for q := 0; q < nb; q += t.nr {
		t.panel(t.work.b[q*kb:], p, kb, j+q)
	}
	for i := 0; i < t.m; i += t.mr {
		a := t.strip(i, min(t.mr, t.m-i), p, kb)
		for q := 0; q < nb; q += t.nr {
			t.tile(&a, t.work.b[q*kb:], i, j+q, min(t.nr, nb-q), t.addend(i, j+q, p))
		}
	}
}

// depth is how many elements kb pairs from the p-th on have.
func (t *pairTiler) depth(p, kb int) int { return min(2*kb, t.k-2*p) }

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

// strip is the pairs of h rows of op(A) from i on.
func (t *pairTiler) strip(i, h, p, kb int) strip {
	dst := t.work.a[:]
	if t.transA {
		pairColumns(&dst[0], &t.a[2*p*t.lda+i], t.lda, t.depth(p, kb), stripCols, firsts(h))
		return strip{h, kb, dst, 1, stripCols}
	}
	ld := kb + padA
	for r := range h {
		pairRow(&dst[r*ld], &t.a[(i+r)*t.lda+2*p], t.depth(p, kb))
	}
	return strip{h, kb, dst, ld, 1}
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

package kernel

import "sync"

// The portable product keeps the scheme of the one in assembly: a block of op(B),
// kcGo rows by ncGo columns, and a strip of side rows of op(A) are copied so that a
// tile of side × side sums in registers reads both in order. The copies are float64,
// which costs a scalar processor nothing and serves both element types.
const (
	kcGo = 256
	ncGo = 64
	side = 2 // the compiler spills larger tiles, which halves the speed
)

// pair is one element of each of side rows or columns.
type pair [side]float64

type blockScratch struct {
	a [kcGo]pair
	b [kcGo * ncGo / side]pair
}

var blockScratches = sync.Pool{New: func() any { return new(blockScratch) }}

// gemmBlocked is the product where there is no assembly.
func gemmBlocked[T Float](g *product[T]) {
	work := blockScratches.Get().(*blockScratch)
	for p := 0; p < g.k; p += kcGo {
		kb := min(kcGo, g.k-p)
		for j := 0; j < g.n; j += ncGo {
			nb := min(ncGo, g.n-j)
			for q := 0; q < nb; q += side {
				interleave(work.panel(q, kb), g.b, g.ldb, !g.transB, j+q, g.n, p)
			}
			g.strips(work, p, kb, j, nb)
		}
	}
	blockScratches.Put(work)
	if g.bias != nil {
		g.addBias()
	}
}

// panel is the copy of the columns from q on, kb elements deep.
func (w *blockScratch) panel(q, kb int) []pair { return w.b[q/side*kb:][:kb] }

// strips passes every strip of op(A) over the block of op(B) in work.
func (g *product[T]) strips(work *blockScratch, p, kb, j, nb int) {
	for i := 0; i < g.m; i += side {
		interleave(work.a[:kb], g.a, g.lda, g.transA, i, g.m, p)
		for q := 0; q < nb; q += side {
			sums := tileGo(work.a[:kb], work.panel(q, kb))
			g.put(&sums, i, j+q, p > 0)
		}
	}
}

// interleave copies len(dst) elements, from p on, of each of the rows of op(x) from
// row on. Rows from end on repeat the last one; put drops what they give.
func interleave[T Float](dst []pair, x []T, ld int, trans bool, row, end, p int) {
	for w := range side {
		r := min(row+w, end-1)
		from, step := r*ld+p, 1
		if trans {
			from, step = p*ld+r, ld
		}
		for i := range dst {
			dst[i][w] = float64(x[from+i*step])
		}
	}
}

// tileGo is the product of a strip and a panel of the same depth.
func tileGo(a, b []pair) [side]pair {
	var s00, s01, s10, s11 float64
	for p := range min(len(a), len(b)) {
		x, y := &a[p], &b[p]
		s00 += x[0] * y[0]
		s01 += x[0] * y[1]
		s10 += x[1] * y[0]
		s11 += x[1] * y[1]
	}
	return [side]pair{{s00, s01}, {s10, s11}}
}

// put stores, or adds, what of a tile lies inside C.
func (g *product[T]) put(sums *[side]pair, i, j int, later bool) {
	for r := range min(side, g.m-i) {
		for c := range min(side, g.n-j) {
			at := (i+r)*g.ldc + j + c
			if g.accumulate || later {
				g.c[at] = T(sums[r][c] + float64(g.c[at]))
			} else {
				g.c[at] = T(sums[r][c])
			}
		}
	}
}

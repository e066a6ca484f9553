package kernel

// panelRun is what tilesAVX512 multiplies: rows of a by the panels of b, side by side, into
// n columns of c. The distances of rows, lda and ldc, are in bytes.
type panelRun struct {
	rows, k int
	a       *float32
	lda     int
	b       *float32 // panels (k, 32)
	c       *float32
	ldc     int
	n       int
}

//go:noescape
func tilesAVX512(t *panelRun)

// panelCols is the columns of a panel.
const panelCols = 32

// strips computes a head by AVX-512, and tells whether it has: its keys and values must fit
// a block. They are copied into panels once; a strip of queries and its scores then stay in
// the first-level cache.
func strips(h Head[float32], y Strided[float32]) bool {
	keys := room(&h, h.Keys, h.D)
	if !fits(&h, keys+room(&h, h.D, h.Keys)) {
		return false
	}
	work := takeScratch()
	lay(&h, work, work.b[:], h.K, true, h.Keys, h.D)
	values := work.b[keys:]
	lay(&h, work, values, h.V, false, h.D, h.Keys)
	step := even(h.Queries, mrMax)
	for i := 0; i < h.Queries; i += step {
		n := min(step, h.Queries-i)
		p := Strided[float32]{work.a[:n*h.Keys], h.Keys}
		attendStrip(&h, work, p.Data, i, n)
		pass(&h, work, n, h.Keys, p, values, y.from(i), h.D)
	}
	giveScratch(work)
	return true
}

// stripsOf computes the probabilities p of a head by AVX-512, and tells whether it has.
func stripsOf(h Head[float32], p []float32) bool {
	if !fits(&h, room(&h, h.Keys, h.D)) {
		return false
	}
	work := takeScratch()
	lay(&h, work, work.b[:], h.K, true, h.Keys, h.D)
	step := even(h.Queries, mrMax)
	for i := 0; i < h.Queries; i += step {
		n := min(step, h.Queries-i)
		attendStrip(&h, work, p[i*h.Keys:(i+n)*h.Keys], i, n)
	}
	giveScratch(work)
	return true
}

// fits tells whether a head whose panels take so many elements is for these tiles.
func fits(h *Head[float32], panels int) bool {
	can := level == avx512 && Backend() != "openblas"
	if h.Rounded {
		can = hasBF16
	}
	return can && max(h.Keys, h.D) <= kcMax && panels <= blockB
}

// room is the elements that panels of n columns take, k deep.
func room(h *Head[float32], n, k int) int {
	if h.Rounded {
		k = (k + 1) / 2
	}
	return roundUp(n, panelCols) * k
}

// lay copies the n columns of op(b), k deep, into panels from dst on.
func lay(h *Head[float32], work *scratch, dst []float32, b Strided[float32], transB bool, n, k int) {
	t := tiler{product: &product[float32]{transB: transB, n: n, k: k, b: b.Data, ldb: b.LD}, nr: panelCols, work: work}
	switch {
	case h.Rounded:
		halves := pairTiler{t}
		halves.panels(dst, 0, (k+1)/2, 0, n)
	case transB:
		t.packCols(dst, 0, k, 0, n)
	default:
		t.packRows(dst, 0, k, 0, n)
	}
}

// attendStrip computes the probabilities p of n queries from the i-th on.
func attendStrip(h *Head[float32], work *scratch, p []float32, i, n int) {
	pass(h, work, n, h.D, h.Q.from(i), work.b[:], Strided[float32]{p, h.Keys}, h.Keys)
	h.probabilities(p, i, n)
}

// pass multiplies rows of a, k deep, by panels of n columns, into c.
func pass(h *Head[float32], work *scratch, rows, k int, a Strided[float32], panels []float32, c Strided[float32], n int) {
	if !h.Rounded {
		tilesAVX512(&panelRun{rows: rows, k: k, a: &a.Data[0], lda: 4 * a.LD, b: &panels[0], c: &c.Data[0], ldc: 4 * c.LD, n: n})
		return
	}
	pairs := (k + 1) / 2
	ld := pairs + padA
	work.pairs = Room(work.pairs, mrMax*ld)
	for r := range rows {
		pairRow(&work.pairs[r*ld], &a.Data[r*a.LD], k)
	}
	for j := 0; j < n; j += panelCols {
		tileBF16(rows, pairs, &work.pairs[0], ld, 1, &panels[j*pairs], &c.Data[j], c.LD, &c.Data[j], 0, firsts(min(panelCols, n-j)), 0)
	}
}

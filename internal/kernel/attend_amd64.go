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
func strips(h attending[float32]) bool {
	keys := roundUp(h.keys, panelCols) * h.d
	if !fits(&h, keys+roundUp(h.d, panelCols)*h.keys) {
		return false
	}
	work := takeScratch()
	values := work.b[keys:]
	packKeys(&h, work)
	v := tiler{product: &product[float32]{n: h.d, k: h.keys, b: h.v.Data, ldb: h.v.LD}, nr: panelCols}
	v.packRows(values, 0, h.keys, 0, h.d)
	step := even(h.queries, mrMax)
	for i := 0; i < h.queries; i += step {
		n, y := min(step, h.queries-i), h.y.from(i)
		attendStrip(&h, work, work.a[:n*h.keys], i, n)
		tilesAVX512(&panelRun{rows: n, k: h.keys, a: &work.a[0], lda: 4 * h.keys, b: &values[0], c: &y.Data[0], ldc: 4 * y.LD, n: h.d})
	}
	giveScratch(work)
	return true
}

// stripsOf computes the probabilities p of a head by AVX-512, and tells whether it has.
func stripsOf(h attending[float32], p []float32) bool {
	if !fits(&h, roundUp(h.keys, panelCols)*h.d) {
		return false
	}
	work := takeScratch()
	packKeys(&h, work)
	step := even(h.queries, mrMax)
	for i := 0; i < h.queries; i += step {
		n := min(step, h.queries-i)
		attendStrip(&h, work, p[i*h.keys:(i+n)*h.keys], i, n)
	}
	giveScratch(work)
	return true
}

// fits tells whether a head whose panels take so many elements is for these tiles.
func fits(h *attending[float32], panels int) bool {
	return level == avx512 && Backend() != "openblas" && max(h.keys, h.d) <= kcMax && panels <= blockB
}

// packKeys copies the keys into panels, where work begins.
func packKeys(h *attending[float32], work *scratch) {
	k := tiler{product: &product[float32]{transB: true, n: h.keys, k: h.d, b: h.k.Data, ldb: h.k.LD}, nr: panelCols}
	k.packCols(work.b[:], 0, h.d, 0, h.keys)
}

// attendStrip computes the probabilities p of n queries from the i-th on.
func attendStrip(h *attending[float32], work *scratch, p []float32, i, n int) {
	q := h.q.from(i)
	tilesAVX512(&panelRun{rows: n, k: h.d, a: &q.Data[0], lda: 4 * q.LD, b: &work.b[0], c: &p[0], ldc: 4 * h.keys, n: h.keys})
	h.probabilities(p, i, n)
}

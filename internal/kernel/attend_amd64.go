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

// strips computes a head by AVX-512, and tells whether it has: its keys and values must fit
// a block. They are copied into panels once; a strip of queries and its scores then stay in
// the first-level cache.
func strips(h attending[float32]) bool {
	const nr = 32
	room := roundUp(h.keys, nr)*h.d + roundUp(h.d, nr)*h.keys
	if level != avx512 || Backend() == "openblas" || max(h.keys, h.d) > kcMax || room > blockB {
		return false
	}
	work := takeScratch()
	k := tiler{product: &product[float32]{transB: true, n: h.keys, k: h.d, b: h.k.Data, ldb: h.k.LD}, nr: nr}
	k.packCols(work.b[:], 0, h.d, 0, h.keys)
	values := work.b[roundUp(h.keys, nr)*h.d:]
	v := tiler{product: &product[float32]{n: h.d, k: h.keys, b: h.v.Data, ldb: h.v.LD}, nr: nr}
	v.packRows(values, 0, h.keys, 0, h.d)
	step := even(h.queries, mrMax)
	for i := 0; i < h.queries; i += step {
		h.strip(work, values, i, min(step, h.queries-i))
	}
	giveScratch(work)
	return true
}

// strip computes n queries from the i-th on, over the panels of keys in work and of values.
func (h *attending[T]) strip(work *scratch, values []float32, i, n int) {
	q, y, scores := f32(h.q.Data[i*h.q.LD:]), f32(h.y.Data[i*h.y.LD:]), work.a[:]
	tilesAVX512(&panelRun{rows: n, k: h.d, a: q, lda: 4 * h.q.LD, b: &work.b[0], c: &scores[0], ldc: 4 * h.keys, n: h.keys})
	h.probabilities(any(scores).([]T), i, n)
	tilesAVX512(&panelRun{rows: n, k: h.keys, a: &scores[0], lda: 4 * h.keys, b: &values[0], c: y, ldc: 4 * h.y.LD, n: h.d})
}

package ops

import (
	"slices"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Window lets a query attend to the keys that stand at most Reach from it in the text alone,
// whichever word-vectors are left between them. Queries run Tile at once, over the keys that
// any of them reads.
type Window struct{ Reach, Tile int }

// tile is the end of the queries that run with query i, and the keys lo ≤ key < hi that they
// read, of queries and keys at these positions, which ascend; nil: all of both.
func (w *Window) tile(i int, queries, keys []int32) (end, lo, hi int) {
	if w == nil {
		return len(queries), 0, len(keys)
	}
	end = min(i+w.Tile, len(queries))
	lo, _ = w.reads(queries[i], keys)
	_, hi = w.reads(queries[end-1], keys)
	return end, lo, hi
}

// reads is the keys lo ≤ key < hi that a query reads.
func (w *Window) reads(query int32, keys []int32) (lo, hi int) {
	lo, _ = slices.BinarySearch(keys, query-int32(w.Reach))
	hi, _ = slices.BinarySearch(keys, query+int32(w.Reach)+1)
	return lo, hi
}

// softmaxOf is the probabilities of scores (queries, keys), of which the first real keys are
// no padding: 0 outside the window, and everywhere for a query that reads padding alone.
func softmaxOf[T kernel.Float](w *Window, scores []T, scale T, real int, queries, keys []int32) {
	n := len(keys)
	for i, query := range queries {
		lo, hi := w.reads(query, keys)
		row := scores[i*n : (i+1)*n]
		clear(row[:lo])
		clear(row[hi:])
		kernel.Softmax(row[lo:hi], 1, hi-lo, hi-lo, scale, max(0, min(real, hi)-lo))
	}
}

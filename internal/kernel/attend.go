package kernel

import (
	"sync"
	"unsafe"
)

// Strided is a matrix inside a larger one: row i begins at Data[i·LD].
type Strided[T Float] struct {
	Data []T
	LD   int
}

// from is the matrix from row i on.
func (s Strided[T]) from(i int) Strided[T] { return Strided[T]{s.Data[i*s.LD:], s.LD} }

// Attend is one head of attention within a sequence:
//
//	y = softmax(scale·(q·kᵀ + bias))·v
//
// Probabilities are computed some queries at a time and forgotten, so that they stay in
// the cache; nobody else can read them. Every element has the bits of Gemm, Softmax and
// Gemm one after another, except with OpenBLAS.
//
// Shapes: q (queries, d), k and v (keys, d), y (queries, d). Keys from real on are padding:
// nothing goes to them. bias adds to scores (to−from, keys) of the queries from ≤ i < to;
// nil adds nothing.
func Attend[T Float](y, q, k, v Strided[T], queries, keys, real, d int, scale T, bias func(scores []T, from, to int)) {
	if queries == 0 {
		return
	}
	h := attending[T]{y: y, q: q, k: k, v: v, queries: queries, keys: keys, real: real, d: d, scale: scale, bias: bias}
	h.run()
}

// Probabilities is the first half of Attend for who reads them: p = softmax(scale·(q·kᵀ +
// bias)), (queries, keys).
func Probabilities[T Float](p []T, q, k Strided[T], queries, keys, real, d int, scale T, bias func(scores []T, from, to int)) {
	if queries == 0 {
		return
	}
	h := attending[T]{q: q, k: k, queries: queries, keys: keys, real: real, d: d, scale: scale, bias: bias}
	if single[T]() && stripsOf(*(*attending[float32])(unsafe.Pointer(&h)), unsafe.Slice(f32(p), len(p))) {
		return
	}
	Gemm(false, true, queries, keys, d, q.Data, q.LD, k.Data, k.LD, p, keys, false)
	h.probabilities(p, 0, queries)
}

// attending is one call of Attend or Probabilities.
type attending[T Float] struct {
	y, q, k, v             Strided[T]
	queries, keys, real, d int
	scale                  T
	bias                   func(scores []T, from, to int)
}

// run computes the head, strip by strip where the machine can.
func (h attending[T]) run() {
	if single[T]() && strips(*(*attending[float32])(unsafe.Pointer(&h))) {
		return
	}
	step := even(h.queries, max(1, attendScores/h.keys))
	pool := scorePool[T]()
	work := pool.Get().(*[]T)
	*work = Room(*work, step*h.keys)
	scores := *work
	for i := 0; i < h.queries; i += step {
		n, q, y := min(step, h.queries-i), h.q.from(i), h.y.from(i)
		Gemm(false, true, n, h.keys, h.d, q.Data, q.LD, h.k.Data, h.k.LD, scores, h.keys, false)
		h.probabilities(scores, i, n)
		Gemm(false, false, n, h.d, h.keys, scores, h.keys, h.v.Data, h.v.LD, y.Data, y.LD, false)
	}
	pool.Put(work)
}

// probabilities turns the scores of n queries from the i-th on into what they attend to.
func (h *attending[T]) probabilities(scores []T, i, n int) {
	if h.bias != nil {
		h.bias(scores, i, i+n)
	}
	Softmax(scores, n, h.keys, h.keys, h.scale, h.real)
}

// attendScores is how many scores stay in the second-level cache, beside keys and values.
const attendScores = 32 << 10

var (
	scores32 = sync.Pool{New: func() any { return new([]float32) }}
	scores64 = sync.Pool{New: func() any { return new([]float64) }}
)

// scorePool has the memory of scores that no head uses.
func scorePool[T Float]() *sync.Pool {
	if single[T]() {
		return &scores32
	}
	return &scores64
}

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

// single is s where T is float32.
func (s Strided[T]) single() Strided[float32] { return *(*Strided[float32])(unsafe.Pointer(&s)) }

// A Head is one head of attention within a sequence,
//
//	y = softmax(Scale·(Q·Kᵀ + Bias))·V
//
// Its products read what there is or, of float32, that rounded to bfloat16 (bf16.go). Every
// element has the bits of product, Softmax and product one after another, except with OpenBLAS.
//
// Shapes: Q (Queries, D), K and V (Keys, D).
type Head[T Float] struct {
	Q, K, V          Strided[T]
	Queries, Keys, D int
	Real             int // keys from here on are padding: nothing goes to them
	Scale            T
	Bias             func(scores []T, from, to int) // adds to scores (to−from, Keys) of the queries from ≤ i < to; nil: nothing
	Rounded          bool                           // the products read bfloat16
}

// single is h where T is float32.
func (h Head[T]) single() Head[float32] { return *(*Head[float32])(unsafe.Pointer(&h)) }

// Attend computes y, (Queries, D). Probabilities are computed some queries at a time and
// forgotten, so that they stay in the cache; nobody else can read them.
func (h Head[T]) Attend(y Strided[T]) {
	if h.Queries == 0 || single[T]() && strips(h.single(), y.single()) {
		return
	}
	step := even(h.Queries, max(1, attendScores/h.Keys))
	pool := scorePool[T]()
	work := pool.Get().(*[]T)
	*work = Room(*work, step*h.Keys)
	scores := Strided[T]{*work, h.Keys}
	for i := 0; i < h.Queries; i += step {
		n := min(step, h.Queries-i)
		h.multiply(true, n, h.Keys, h.D, h.Q.from(i), h.K, scores)
		h.probabilities(scores.Data, i, n)
		h.Weigh(y.from(i), scores, n)
	}
	pool.Put(work)
}

// Probabilities is the first half of Attend for who reads them: p = softmax(Scale·(Q·Kᵀ +
// Bias)), (Queries, Keys).
func (h Head[T]) Probabilities(p []T) {
	if h.Queries == 0 || single[T]() && stripsOf(h.single(), unsafe.Slice(f32(p), len(p))) {
		return
	}
	h.multiply(true, h.Queries, h.Keys, h.D, h.Q, h.K, Strided[T]{p, h.Keys})
	h.probabilities(p, 0, h.Queries)
}

// Weigh is the second half of Attend, of so many queries: y = p·V.
//
// Shapes: p (queries, Keys), y (queries, D).
func (h Head[T]) Weigh(y, p Strided[T], queries int) {
	h.multiply(false, queries, h.D, h.Keys, p, h.V, y)
}

// WeighRows is Weigh of some rows of p, counted from first on, which it copies a few at a time.
//
// Shapes: p (·, Keys), y (len(rows), D).
func (h Head[T]) WeighRows(y, p Strided[T], rows []int32, first int) {
	pool := scorePool[T]()
	work := pool.Get().(*[]T)
	step := max(1, attendScores/h.Keys)
	*work = Room(*work, min(step, len(rows))*h.Keys)
	for i := 0; i < len(rows); i += step {
		few := rows[i:min(i+step, len(rows))]
		for j, row := range few {
			copy((*work)[j*h.Keys:(j+1)*h.Keys], p.from(int(row)-first).Data)
		}
		h.Weigh(y.from(i), Strided[T]{*work, h.Keys}, len(few))
	}
	pool.Put(work)
}

// multiply computes c (m, n) of a (m, k) and b, (n, k) transposed or (k, n).
func (h *Head[T]) multiply(transB bool, m, n, k int, a, b, c Strided[T]) {
	if h.Rounded && single[T]() {
		a, b, c := a.single(), b.single(), c.single()
		bf16(product[float32]{transB: transB, m: m, n: n, k: k, a: a.Data, lda: a.LD, b: b.Data, ldb: b.LD, c: c.Data, ldc: c.LD})
		return
	}
	Gemm(false, transB, m, n, k, a.Data, a.LD, b.Data, b.LD, c.Data, c.LD, false)
}

// probabilities turns the scores of n queries from the i-th on into what they attend to.
func (h *Head[T]) probabilities(scores []T, i, n int) {
	if h.Bias != nil {
		h.Bias(scores, i, i+n)
	}
	Softmax(scores, n, h.Keys, h.Keys, h.Scale, h.Real)
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

package kernel

import (
	"fmt"
	"math"
	"sync"
)

// QuantizedRows is a matrix of activations as the int8 product reads it. A zero value
// is ready for Reset; its memory serves one product after another.
type QuantizedRows struct {
	kernel   *int8Kernel
	rows, in int
	ld       int // bytes from row to row
	data     []byte
	scales   []float32
	zeros    []int32   // zero points, less the kernel's offset
	factors  []float32 // of the matrix; nil: none
}

// NotFiniteRow is the error of a row of activations with an element that is NaN or
// infinite.
type NotFiniteRow struct{ Row int }

// Error names the row, from 0.
func (e NotFiniteRow) Error() string {
	return fmt.Sprintf("row %d has an element that is NaN or infinite", e.Row)
}

// apart keeps rows whose length is a power of two off the same cache sets.
const apart = 64

// Reset makes q a matrix of so many rows for w to be multiplied by, with unknown
// contents.
func (q *QuantizedRows) Reset(w *Int8, rows int) {
	q.kernel, q.rows, q.in, q.factors = w.kernel, rows, w.in, w.factors
	q.ld = (roundUp(w.in, cacheLine) + apart) * w.kernel.bytes
	if n := Grown(len(q.data), rows*q.ld); n > len(q.data) {
		q.data = aligned[byte](n)
	}
	if n := Grown(len(q.scales), rows); n > len(q.scales) {
		q.scales, q.zeros = make([]float32, n), make([]int32, n)
	}
}

// set quantises a row of activations into row i, and reports whether all its elements are
// finite. If not, what it is multiplied into is NaN. Several goroutines may set different
// rows. work is memory for a row, where there are factors.
func (q *QuantizedRows) set(i int, x, work []float32) bool {
	if q.factors != nil {
		Times(work, x, q.factors)
		x = work
	}
	k := q.kernel
	lo, hi := k.span(x)
	s := max(hi/255-lo/255, leastScale)
	r := 1 / s
	if hi-hi != 0 || lo-lo != 0 {
		s, r, lo = float32(math.NaN()), 0, 0
	}
	z := roundEven(-lo*r) - k.offset
	q.scales[i], q.zeros[i] = s, z
	k.quantize(q.data[i*q.ld:(i+1)*q.ld], x, r, z)
	return s == s
}

// rowWorks are memory for a row that nobody uses.
var rowWorks = sync.Pool{New: func() any { return new([]float32) }}

// Quantize sets all rows of q, with the help of each. It reports the first row that is not
// finite as NotFiniteRow, having set the others.
//
// Shapes: x (rows, In).
func (q *QuantizedRows) Quantize(x []float32, each Each) error {
	step := max(1, quantizeSize/q.in)
	each.Run((q.rows+step-1)/step, q.rows*q.in*quantizeCost, func(n int) {
		work := rowWorks.Get().(*[]float32)
		*work = Room(*work, q.in)
		for i := n * step; i < min((n+1)*step, q.rows); i++ {
			q.set(i, x[i*q.in:(i+1)*q.in], *work)
		}
		rowWorks.Put(work)
	})
	for i, s := range q.scales[:q.rows] {
		if s != s {
			return NotFiniteRow{i}
		}
	}
	return nil
}

const (
	quantizeSize = 1 << 13 // elements of a piece of work
	quantizeCost = 16      // multiply-adds that take as long as an element
)

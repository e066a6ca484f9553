package kernel

import (
	"runtime"
	"sync"
	"unsafe"
)

// Affine computes y = x·wᵀ + bias as Matrix says, quantising x. A row of x that is not
// finite makes its row of y NaN.
func (w *Int8) Affine(y, x, bias []float32, rows int, each Each) {
	w.Activated(y, x, bias, rows, NoActivation, each)
}

// Activated computes y = f(x·wᵀ + bias) as Affine does.
func (w *Int8) Activated(y, x, bias []float32, rows int, f Activation, each Each) {
	w.quantized(x, rows, each, func(q *QuantizedRows) { w.Multiply(y, q, bias, f, each) })
}

// Added computes y = x·wᵀ + bias + to as Affine does.
func (w *Int8) Added(y, x, bias, to []float32, rows int, each Each) {
	w.quantized(x, rows, each, func(q *QuantizedRows) { w.multiply(y, q, bias, to, NoActivation, each) })
}

// quantized has do multiply by the bytes of x.
func (w *Int8) quantized(x []float32, rows int, each Each, do func(q *QuantizedRows)) {
	q := quantizedRows.Get().(*QuantizedRows)
	q.Reset(w, rows)
	_ = q.Quantize(x, each) // its error is in y
	do(q)
	quantizedRows.Put(q)
}

// quantizedRows are those that no product uses.
var quantizedRows = sync.Pool{New: func() any { return new(QuantizedRows) }}

// Multiply computes y = f(x·wᵀ + bias), with the help of each.
//
// Shapes: x (rows, In), Reset for a matrix of this width, bias (Out), y (rows, Out).
func (w *Int8) Multiply(y []float32, x *QuantizedRows, bias []float32, f Activation, each Each) {
	w.multiply(y, x, bias, nil, f, each)
}

// multiply computes y = f(x·wᵀ + bias) or, of an addend that is not nil, y = x·wᵀ + bias + to.
func (w *Int8) multiply(y []float32, x *QuantizedRows, bias, to []float32, f Activation, each Each) {
	if x.kernel != w.kernel || x.in != w.in {
		panic("kernel: rows quantised for another matrix")
	}
	y, bias = y[:x.rows*w.out], bias[:w.out]
	if to != nil {
		to = to[:len(y)]
	}
	cols := w.pieceCols(x.rows)
	size := max(x.rows, readRows) * w.out * w.in / int8Speed
	next := cols
	if each.Worth(size) {
		next *= runtime.GOMAXPROCS(0)
	}
	each.Run((w.out+cols-1)/cols, size, func(i int) {
		p := int8Product{w: w, x: x, y: y, bias: bias, addend: to, activation: f, from: i * cols, to: min((i+1)*cols, w.out), next: next}
		p.compute()
	})
}

// int8Speed is how many multiply-adds of bytes take as long as one of float32: twice as
// many in the slower kernels, four times in others.
const int8Speed = 2

// pieceCols returns how many columns of y make a piece of work. Their weights, at most
// pieceBytes unless one panel has more, stay in the second-level cache while the rows
// pass.
func (w *Int8) pieceCols(rows int) int {
	cols, panel := 192, w.kernel.cols
	if rows <= fewRows {
		cols = 64
	}
	return max(panel, min(cols, pieceBytes/w.depth)/panel*panel)
}

const pieceBytes = 512 << 10

// int8Product is the piece of a product in the columns from ≤ j < to.
type int8Product struct {
	w          *Int8
	x          *QuantizedRows
	y, bias    []float32
	addend     []float32 // (rows, Out); nil: none
	activation Activation
	from, to   int
	next       int // columns to the piece that the same core takes next, if they take turns
	height     int // rows of a strip; the last may have fewer
}

func (p *int8Product) compute() {
	work := int8Works.Get().(*int8Work)
	p.height = even(max(p.x.rows, 1), p.w.kernel.rows)
	p.prepare(work)
	for i := 0; i < p.x.rows; i += p.height {
		p.strip(work, i, min(p.height, p.x.rows-i))
	}
	work.tile = int8Tile{} // keeps no memory of the caller's
	int8Works.Put(work)
}

// prepare sets what all tiles have in common. While it computes, a tile fetches from further
// away than the second-level cache its share of what is read next (place): of many rows the
// next strip, of few, whose product waits for its weights, those of the next piece.
func (p *int8Product) prepare(work *int8Work) {
	w, x, t := p.w, p.x, &work.tile
	*t = int8Tile{panels: 1, cols: w.kernel.cols, steps: w.depth / w.kernel.depth, work: work, ldx: x.ld, curve: p.activation.curve()}
	if w.kernel.wide {
		t.panels = max(1, (p.to-p.from)/t.cols)
	}
	if p.few() {
		strips := max(1, (x.rows+p.height-1)/p.height)
		t.leap = w.depth * t.cols
		t.pace = (t.leap/t.steps + strips - 1) / strips
		return
	}
	panels := (p.to - p.from + t.cols - 1) / t.cols
	t.pace = (p.height*x.ld/panels + t.steps - 1) / t.steps
	t.leap = t.pace * t.steps
}

// few tells whether the product waits for its weights.
func (p *int8Product) few() bool { return p.x.rows <= fewRows }

// strip computes h rows from row i on.
func (p *int8Product) strip(work *int8Work, i, h int) {
	t, x := &work.tile, p.x
	t.rows, t.x, t.zeros, t.scales = h, &x.data[i*x.ld], &x.zeros[i], &x.scales[i]
	whole := (p.to - p.from) / t.cols
	for n := 0; n < whole; n += t.panels {
		p.place(t, i, n)
		p.w.kernel.run(t)
	}
	if j := p.from + whole*t.cols; j < p.to {
		p.place(t, i, whole)
		p.partial(work, i, j)
	}
}

// place sets where the tile at row i and the n-th panel of the piece is.
func (p *int8Product) place(t *int8Tile, i, n int) {
	w, j := p.w, p.from+n*t.cols
	t.w, t.sums, t.factors, t.bias = &w.data[j*w.depth], &w.sums[j], &w.scales[j], &p.bias[j]
	t.y, t.ldy = &p.y[i*w.out+j], 4*w.out
	if p.addend != nil {
		t.addend, t.ldadd = &p.addend[i*w.out+j], 4*w.out
	}
	if p.few() {
		share := i / p.height * t.pace * t.steps
		t.ahead = (*byte)(unsafe.Pointer(&w.data[min((j+p.next)*w.depth+share, len(w.data)-1)]))
		return
	}
	t.ahead = &p.x.data[min((i+t.rows)*p.x.ld+n*t.leap, len(p.x.data)-1)]
}

// partial computes the tile at (i, j), whose panel goes over the last column, beside y.
func (p *int8Product) partial(work *int8Work, i, j int) {
	t, n, panels := &work.tile, p.to-j, work.tile.panels
	copy(work.bias[:], p.bias[j:p.to])
	t.y, t.ldy, t.bias, t.addend, t.panels = &work.y[0], 4*t.cols, &work.bias[0], nil, 1
	p.w.kernel.run(t)
	for r := range t.rows {
		at := (i+r)*p.w.out + j
		copy(p.y[at:at+n], work.y[r*t.cols:])
		if p.addend != nil {
			Add(p.y[at:at+n], p.addend[at:at+n])
		}
	}
	t.panels = panels
}

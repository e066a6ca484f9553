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
	q := quantizedRows.Get().(*QuantizedRows)
	q.Reset(w, rows)
	_ = q.Quantize(x, each) // its error is in y
	w.Multiply(y, q, bias, f, each)
	quantizedRows.Put(q)
}

// quantizedRows are those that no product uses.
var quantizedRows = sync.Pool{New: func() any { return new(QuantizedRows) }}

// Multiply computes y = f(x·wᵀ + bias), with the help of each.
//
// Shapes: x (rows, In), Reset for a matrix of this width, bias (Out), y (rows, Out).
func (w *Int8) Multiply(y []float32, x *QuantizedRows, bias []float32, f Activation, each Each) {
	if x.kernel != w.kernel || x.in != w.in {
		panic("kernel: rows quantised for another matrix")
	}
	y, bias = y[:x.rows*w.out], bias[:w.out]
	cols := w.pieceCols(x.rows)
	size := max(x.rows, readRows) * w.out * w.in / int8Speed
	next := cols
	if each.Worth(size) {
		next *= runtime.GOMAXPROCS(0)
	}
	each.Run((w.out+cols-1)/cols, size, func(i int) {
		p := int8Product{w: w, x: x, y: y, bias: bias, activation: f, from: i * cols, to: min((i+1)*cols, w.out), next: next}
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
	activation Activation
	from, to   int
	next       int // columns to the piece that the same core takes next, if they take turns
}

func (p *int8Product) compute() {
	work := int8Works.Get().(*int8Work)
	h := even(max(p.x.rows, 1), p.w.kernel.rows)
	for i := 0; i < p.x.rows; i += h {
		p.strip(work, i, min(h, p.x.rows-i))
	}
	work.tile = int8Tile{} // keeps no memory of the caller's
	int8Works.Put(work)
}

// strip computes h rows from row i on.
func (p *int8Product) strip(work *int8Work, i, h int) {
	for j := p.from; j < p.to; {
		t := p.tile(work, i, h, j)
		if j+t.cols > p.to {
			p.partial(work, i, j)
		} else {
			p.w.kernel.run(t)
		}
		j += t.panels * t.cols
	}
}

// tile prepares the tile of h rows at (i, j).
func (p *int8Product) tile(work *int8Work, i, h, j int) *int8Tile {
	w, x, t := p.w, p.x, &work.tile
	*t = int8Tile{rows: h, panels: 1, cols: w.kernel.cols, steps: w.depth / w.kernel.depth, work: work,
		x: &x.data[i*x.ld], ldx: x.ld, w: &w.panel(j)[0], y: &p.y[i*w.out+j], ldy: 4 * w.out,
		zeros: &x.zeros[i], scales: &x.scales[i], sums: &w.sums[j], factors: &w.scales[j], bias: &p.bias[j],
		curve: p.activation.curve()}
	if w.kernel.wide {
		t.panels = max(1, (p.to-j)/t.cols)
	}
	p.lookAhead(t, i, j)
	return t
}

// lookAhead sets what the tile at (i, j) fetches from further away than the second-level
// cache: its share of what the tiles of its strip read next.
func (p *int8Product) lookAhead(t *int8Tile, i, j int) {
	if p.x.rows > fewRows {
		p.nextRows(t, i, j)
	} else {
		p.nextWeights(t, i, j)
	}
}

// nextWeights has the tile fetch its share of the panels in their places in the next piece:
// of few rows a product waits for its weights.
func (p *int8Product) nextWeights(t *int8Tile, i, j int) {
	panel, bytes := p.w.panel(j), p.w.depth*t.cols
	strips := (p.x.rows + t.rows - 1) / t.rows
	t.pace, t.leap = (bytes/t.steps+strips-1)/strips, bytes
	next := p.next*p.w.depth + i/t.rows*t.pace*t.steps
	t.ahead = (*byte)(unsafe.Pointer(&panel[min(next, len(panel)-1)]))
}

// nextRows has the tile fetch its share of the next strip.
func (p *int8Product) nextRows(t *int8Tile, i, j int) {
	tiles := (p.to - p.from + t.cols - 1) / t.cols
	t.pace = (t.rows*p.x.ld/tiles + t.steps - 1) / t.steps
	t.leap = t.pace * t.steps
	next := (i+t.rows)*p.x.ld + (j-p.from)/t.cols*t.leap
	t.ahead = &p.x.data[min(next, len(p.x.data)-1)]
}

// partial computes the tile at (i, j), whose panel goes over the last column, beside y.
func (p *int8Product) partial(work *int8Work, i, j int) {
	t, n := &work.tile, p.to-j
	copy(work.bias[:], p.bias[j:p.to])
	t.y, t.ldy, t.bias = &work.y[0], 4*t.cols, &work.bias[0]
	p.w.kernel.run(t)
	for r := range t.rows {
		copy(p.y[(i+r)*p.w.out+j:][:n], work.y[r*t.cols:])
	}
}

package kernel

import "runtime"

// Matrix is the weights of a linear layer, (out, in), however they lie in memory.
type Matrix[T Float] interface {
	// Shape is the numbers of outputs and inputs.
	Shape() (out, in int)
	// Affine computes y = x·wᵀ + bias, with the help of each.
	//
	// Shapes: x (rows, in), bias (out), y (rows, out).
	Affine(y, x, bias []T, rows int, each Each)
	// Slice is the outputs from ≤ j < to as a matrix, over the same memory where it can
	// be; nil where the layout does not part there.
	Slice(from, to int) Matrix[T]
}

// Activating is a Matrix that may apply an activation to the elements of y before it
// stores them.
type Activating[T Float] interface {
	Matrix[T]
	// Activated computes y = f(x·wᵀ + bias), as Affine does without f.
	Activated(y, x, bias []T, rows int, f Activation, each Each)
}

// Adding is a Matrix that may add to the elements of y before it stores them.
type Adding[T Float] interface {
	Matrix[T]
	// Added computes y = x·wᵀ + bias + to, to (rows, out), as Affine does without to.
	Added(y, x, bias, to []T, rows int, each Each)
}

// Coarse is a Matrix that rounds more than bfloat16 does, so that what reads y may read it so.
type Coarse[T Float] interface {
	Matrix[T]
	// Coarse tells whether that is faster here.
	Coarse() bool
}

// Watched is a Matrix that shows what it is multiplied by.
type Watched[T Float] struct {
	Matrix[T]
	See func(x []T) // (rows, in); several goroutines may call it at once
}

// Affine is that of the matrix.
func (w Watched[T]) Affine(y, x, bias []T, rows int, each Each) {
	_, in := w.Shape()
	w.See(x[:rows*in])
	w.Matrix.Affine(y, x, bias, rows, each)
}

// Slice is outputs of the matrix, watched too; nil where it does not part there.
func (w Watched[T]) Slice(from, to int) Matrix[T] {
	part := w.Matrix.Slice(from, to)
	if part == nil {
		return nil
	}
	return Watched[T]{part, w.See}
}

// Rows is a matrix row-major, as a checkpoint has it: (Out, In).
type Rows[T Float] struct {
	Data    []T
	Out, In int
}

// Shape is (Out, In).
func (w Rows[T]) Shape() (out, in int) { return w.Out, w.In }

// Slice is rows of w, which part anywhere.
func (w Rows[T]) Slice(from, to int) Matrix[T] {
	return Rows[T]{w.Data[from*w.In : to*w.In], to - from, w.In}
}

// Affine is that of Matrix.
func (w Rows[T]) Affine(y, x, bias []T, rows int, each Each) {
	affine(product[T]{m: rows, n: w.Out, k: w.In, a: x, b: w.Data, c: y, bias: bias}, each)
}

// panelRows is a matrix as the tiles of the product read it: every panel of as many
// rows as a tile has columns is its transpose. A product copies nothing then, which is
// what a few rows of x spend their time on.
type panelRows struct {
	data    []float32
	out, in int
}

func (w panelRows) Shape() (out, in int) { return w.out, w.in }

func (w panelRows) Slice(from, to int) Matrix[float32] {
	if nr := panelWidth(); from%nr != 0 || to%nr != 0 {
		return nil
	}
	return panelRows{w.data[from*w.in : to*w.in], to - from, w.in}
}

func (w panelRows) Affine(y, x, bias []float32, rows int, each Each) {
	affine(product[float32]{m: rows, n: w.out, k: w.in, a: x, b: w.data, c: y, bias: bias, packed: true}, each)
}

// Pack lays w out anew, in place, as the tiles of the product read it, and returns it
// so; w is worth nothing then. Where there are no tiles, or its outputs are no multiple
// of their width, it returns w as it is. A product has the same bits either way, except
// with OpenBLAS, which multiplies what is not packed.
func Pack[T Float](w Rows[T]) Matrix[T] {
	data, single := any(w.Data).([]float32)
	nr := panelWidth()
	if !single || nr == 0 || w.Out%nr != 0 {
		return w
	}
	panel := make([]float32, nr*w.In)
	for at := 0; at < len(data); at += len(panel) {
		copy(panel, data[at:])
		for p := range w.In {
			for j := range nr {
				data[at+p*nr+j] = panel[j*w.In+p]
			}
		}
	}
	return any(panelRows{data, w.Out, w.In}).(Matrix[T])
}

// fewRows is how many rows of x at most leave a product waiting for its weights.
const fewRows = 140

// readRows is how many rows are multiplied in the time that the weights take to
// come from memory: fewer do not take less.
const readRows = 8

// affine computes g, of the dense matrices x (m, k), w (n, k) and y (m, n): whole or,
// where that is worth it, its columns piece by piece on several cores.
func affine[T Float](g product[T], each Each) {
	g.transB, g.lda, g.ldb, g.ldc = true, g.k, g.k, g.n
	if !each.Worth(max(g.m, readRows) * g.n * g.k) {
		g.columns(0, g.n, 0)
		return
	}
	affineShared(g, each)
}

// affineShared cuts y into pieces of about what the tiles of AVX-512 take as a block
// of w, the same however many cores there are.
func affineShared[T Float](g product[T], each Each) {
	cols := 192
	if g.m <= fewRows {
		cols = 64
	}
	others := cols * (runtime.GOMAXPROCS(0) - 1)
	each((g.n+cols-1)/cols, func(i int) { g.columns(i*cols, min((i+1)*cols, g.n), others) })
}

// columns computes the columns from ≤ j < to of y; from must be a multiple of 32 where w
// is packed. Where several cores share the columns, in order, others says how many to
// the right the others take meanwhile: those need not be fetched ahead.
func (g product[T]) columns(from, to, others int) {
	if g.m <= 0 || from >= to {
		return
	}
	g.n, g.others = to-from, others
	g.b, g.c, g.bias = g.b[from*g.k:], g.c[from:], g.bias[from:to]
	g.check()
	g.compute()
}

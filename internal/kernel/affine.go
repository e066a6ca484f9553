package kernel

// Weights is the matrix of a linear layer, (Out, In) row-major as in a checkpoint
// or, with Packed set, laid out by Pack.
type Weights[T Float] struct {
	Data    []T
	Out, In int
	Packed  bool
}

// fewRows is how many rows of x at most leave a product waiting for its weights.
const fewRows = 140

// AffineCols is how many columns of y a core takes at a time where several share an
// Affine of so many rows: about what the tiles of AVX-512 take as a block of w.
func AffineCols(rows int) int {
	if rows <= fewRows {
		return 64
	}
	return 192
}

// Affine is y[:, from:to] = x·wᵀ + bias for the columns from ≤ j < to of y.
//
// Shapes: x (rows, In), bias (Out), y (rows, Out). from must be a multiple of 32
// where w is packed. Where several cores share the columns, in order, others says
// how many to the right the others take meanwhile: those need not be fetched ahead.
func Affine[T Float](y, x []T, w Weights[T], bias []T, rows, from, to, others int) {
	if rows <= 0 || from >= to {
		return
	}
	g := product[T]{transB: true, m: rows, n: to - from, k: w.In, a: x, lda: w.In, b: w.Data[from*w.In:], ldb: w.In,
		c: y[from:], ldc: w.Out, bias: bias[from:to], packed: w.Packed, others: others}
	g.check()
	g.compute()
}

// Pack lays a weight matrix out, in place, as the tiles of the product read it: every
// panel of as many rows as a tile has columns becomes its transpose. A product then
// copies nothing, which is what a few rows of x spend their time on. It reports false,
// and changes nothing, where there are no tiles or Out is no multiple of their width.
func Pack(data []float32, out, in int) bool {
	nr := panelWidth()
	if nr == 0 || out%nr != 0 {
		return false
	}
	panel := make([]float32, nr*in)
	for at := 0; at < len(data); at += len(panel) {
		copy(panel, data[at:])
		for p := range in {
			for j := range nr {
				data[at+p*nr+j] = panel[j*in+p]
			}
		}
	}
	return true
}

package kernel

import "math"

// A Grid is the bytes of all activations that a product reads, whatever the text, as
// QuantizeLinear of ONNX has them: x is the byte rnd(fl(x/Scale)) + Zero, cut off at 0 and
// 255. int8.go says what rnd and fl are.
type Grid struct {
	Scale float32 `json:"scale"`
	Zero  uint8   `json:"zero_point"`
}

// GridOf returns the grid whose least and greatest numbers are lo and hi. It includes 0,
// which has a byte of its own.
func GridOf(lo, hi float32) Grid {
	lo, hi = min(lo, 0), max(hi, 0)
	s := max(hi/255-lo/255, leastScale)
	return Grid{s, uint8(roundEven(-lo / s))}
}

// steps returns how many scales from 0 the byte of x is, −Zero to 255−Zero.
func (g Grid) steps(x float32) float32 {
	zero := float32(g.Zero)
	return max(-zero, min(float32(math.RoundToEven(float64(x/g.Scale))), 255-zero))
}

// Static is an Int8 that reads all rows of activations on one Grid, their columns
// multiplied by factors before: what a runtime computes of QuantizeLinear,
// DequantizeLinear and MatMul.
type Static struct {
	weights *Int8
	grid    Grid
	factors []float32 // (in)
}

// Static returns w for activations on a grid.
//
// Shape: factors (in).
func (w *Int8) Static(g Grid, factors []float32) *Static { return &Static{w, g, factors} }

// Shape returns the numbers of outputs and inputs.
func (s *Static) Shape() (out, in int) { return s.weights.Shape() }

// Slice returns the outputs from ≤ j < to, which read the same bytes.
func (s *Static) Slice(from, to int) Matrix[float32] {
	return &Static{s.weights.Slice(from, to).(*Int8), s.grid, s.factors}
}

// Affine computes y = x·wᵀ + bias as Matrix says, of the bytes of x. A row of x that is
// not finite makes its row of y NaN.
func (s *Static) Affine(y, x, bias []float32, rows int, each Each) {
	q := quantizedRows.Get().(*QuantizedRows)
	q.Reset(s.weights, rows)
	steps := make([]float32, len(s.factors))
	for i := range rows {
		s.set(q, i, x[i*len(steps):(i+1)*len(steps)], steps)
	}
	s.weights.Multiply(y, q, bias, NoActivation, each)
	quantizedRows.Put(q)
}

// set is QuantizedRows.set on the grid. steps is work memory for a row.
func (s *Static) set(q *QuantizedRows, i int, x, steps []float32) {
	k := s.weights.kernel
	q.scales[i], q.zeros[i] = s.grid.Scale, int32(s.grid.Zero)-k.offset
	for j, v := range x {
		steps[j] = s.grid.steps(v * s.factors[j])
		if v-v != 0 {
			q.scales[i], steps[j] = float32(math.NaN()), 0
		}
	}
	k.quantize(q.data[i*q.ld:(i+1)*q.ld], steps, 1, q.zeros[i])
}

// Floats returns the weights that the integers, scales and factors of w stand for.
//
// Shape: (out, in).
func (w *Int8) Floats() []float32 {
	floats, row := make([]float32, 0, w.out*w.in), make([]int8, w.in)
	for j := range w.out {
		w.get(row, j)
		at := len(floats)
		for _, v := range row {
			floats = append(floats, float32(v)*w.scales[j])
		}
		if w.factors != nil {
			Times(floats[at:], floats[at:], w.factors)
		}
	}
	return floats
}

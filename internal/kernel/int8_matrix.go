package kernel

import "unsafe"

// Int8 is a Matrix of 8-bit integers, laid out for the kernel in use (Int8Backends). It
// is read only: any number of goroutines may multiply by it.
type Int8 struct {
	out, in int
	kernel  *int8Kernel
	depth   int       // in, rounded up to what the kernel takes at a step
	data    []int8    // panels, (Out/cols, depth/group, cols, group)
	sums    []int32   // Σ of the weights of every output, up to the last panel's end
	scales  []float32 // of every output, likewise
	factors []float32 // of the activations (in); nil: all 1
}

// NewInt8 lays out quantised weights and their scales, as QuantizeWeights gives them
// or a checkpoint has them, for the kernel in use. The first call in a process chooses
// that kernel.
//
// Shapes: values (out, in), scales (out). It reports an error where a weight is -128, a
// scale is not finite, sums could overflow, or POWERBERT_KERNEL names no kernel of this
// machine.
func NewInt8(values []int8, scales []float32, out, in int) (*Int8, error) {
	if err := checkInt8(values, scales, out, in); err != nil {
		return nil, err
	}
	k, err := chosenKernel()
	if err != nil {
		return nil, err
	}
	return k.matrix(values, scales, out, in), nil
}

// Smoothed returns the matrix, over the same memory, for activations whose elements are to be
// multiplied by factors first. Few of an encoder's inputs are ten times as large as the
// others, which they leave a few bytes of a row's grid; weights that are divided by the
// factors take that over, each output on a grid of its own (SmoothQuant, Xiao et al. 2023).
//
// Shape: factors (in); nil: none.
func (w *Int8) Smoothed(factors []float32) *Int8 {
	own := *w
	own.factors = factors
	return &own
}

// Shape returns the numbers of outputs and inputs.
func (w *Int8) Shape() (out, in int) { return w.out, w.in }

// Coarse is that of kernel.Coarse: y comes of 8 bits for each element of x and w.
func (w *Int8) Coarse() bool { return BF16Pays() }

// Slice returns the outputs from ≤ j < to, over the same memory where they begin with a
// panel, and elsewhere as a copy.
func (w *Int8) Slice(from, to int) Matrix[float32] {
	cols := w.kernel.cols
	if from%cols != 0 {
		return w.copied(from, to)
	}
	part, end := *w, roundUp(to, cols)
	part.out, part.data = to-from, w.data[from*w.depth:end*w.depth]
	part.sums, part.scales = w.sums[from:end], w.scales[from:end]
	return &part
}

// matrix lays out weights, which checkInt8 has passed, for this kernel.
func (k *int8Kernel) matrix(values []int8, scales []float32, out, in int) *Int8 {
	cols, depth := roundUp(out, k.cols), roundUp(in, k.depth)
	w := &Int8{out: out, in: in, kernel: k, depth: depth,
		data: aligned[int8](cols * depth), sums: make([]int32, cols), scales: make([]float32, cols)}
	copy(w.scales, scales)
	for j := range out {
		w.put(j, values[j*in:(j+1)*in])
	}
	return w
}

// copied lays the outputs from ≤ j < to out anew.
func (w *Int8) copied(from, to int) *Int8 {
	values := make([]int8, (to-from)*w.in)
	for j := range to - from {
		w.get(values[j*w.in:(j+1)*w.in], from+j)
	}
	return w.kernel.matrix(values, w.scales[from:to], to-from, w.in).Smoothed(w.factors)
}

// get is put back: it reads the weights of output j.
func (w *Int8) get(row []int8, j int) {
	k := w.kernel
	panel := w.panel(j)[j%k.cols*k.group:]
	for p := range row {
		row[p] = panel[p/k.group*k.cols*k.group+p%k.group]
	}
}

// put lays out the weights of output j. What follows the last weight stays 0, so the
// bytes of activations that it meets do not matter.
func (w *Int8) put(j int, row []int8) {
	k := w.kernel
	panel := w.panel(j)[j%k.cols*k.group:]
	for p, v := range row {
		panel[p/k.group*k.cols*k.group+p%k.group] = v
		w.sums[j] += int32(v)
	}
}

// panel returns the data from that panel on which has output j.
func (w *Int8) panel(j int) []int8 { return w.data[j/w.kernel.cols*w.kernel.cols*w.depth:] }

// roundUp returns the least multiple of step that is not below n.
func roundUp(n, step int) int { return (n + step - 1) / step * step }

// aligned makes n zeros that begin where a cache line does.
func aligned[T int8 | byte](n int) []T {
	x := make([]T, n+cacheLine)
	skip := -int(uintptr(unsafe.Pointer(&x[0]))) & (cacheLine - 1)
	return x[skip : skip+n : skip+n]
}

const cacheLine = 64

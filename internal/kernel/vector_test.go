package kernel

import (
	"math"
	"slices"
	"testing"
)

// close holds got to the reference: within tol·max(1, |want|), NaN where it is NaN.
func closeTo[T Float](t *testing.T, what string, got []T, want []float64, tol float64) {
	t.Helper()
	for i, w := range want {
		g := float64(got[i])
		if near := math.Abs(g-w) <= tol*max(1, math.Abs(w)) || g == w; !near && !(g != g && w != w) {
			t.Fatalf("%v %T %s: element %d of %d is %g, want %g", level, got, what, i, len(want), g, w)
		}
	}
}

// tolerance is the error a kernel may have in T, relative to max(1, |want|).
func tolerance[T Float](single32 float64) float64 {
	if single[T]() {
		return single32
	}
	return 1e-12
}

// lengths are full vectors, tails, both and neither.
var lengths = []int{0, 1, 2, 3, 7, 8, 9, 13, 16, 31, 40, 64, 129}

// unary is an element-wise kernel: dst from x and one more input.
type unary[T Float] func(dst, x, y []T)

// checkUnary holds a kernel to its twin over all lengths, in place, and with its
// bits independent of where an element lies; what follows dst must stay.
func checkUnary[T Float](t *testing.T, what string, fast unary[T], naive unary[float64], x, y []T, tol float64) {
	t.Helper()
	wide := make([]float64, len(x))
	naive(wide, widen(x), widen(y))
	whole := make([]T, len(x))
	fast(whole, x, y)
	closeTo(t, what, whole, wide, tol)
	for _, n := range lengths {
		dst := normals[T](n+3, 9)
		guard := slices.Clone(dst[n:])
		start := len(x) - n
		fast(dst[:n], x[start:], y[start:])
		same(t, what, dst[:n], whole[start:])
		same(t, what+" beyond its end", dst[n:], guard)
		alias := slices.Clone(x[start:])
		fast(alias, alias, y[start:])
		same(t, what+" in place", alias, whole[start:])
		alias = slices.Clone(y[start:])
		fast(alias, x[start:], alias)
		same(t, what+" in place of its other input", alias, whole[start:])
	}
}

// same holds two slices to equal bits, but for NaNs.
func same[T Float](t *testing.T, what string, got, want []T) {
	t.Helper()
	equal := func(a, b T) bool { return a == b || a != a && b != b }
	if !slices.EqualFunc(got, want, equal) {
		t.Fatalf("%v %T %s: got %v, want %v", level, got, what, got, want)
	}
}

// grid is n points from -limit to limit and the special ones.
func grid[T Float](limit float64, n int) []T {
	x := []T{0, T(math.Copysign(0, -1)), 1e-30, -1e-30, 1e-4, 1e30, -1e30, T(math.NaN())}
	for i := range n {
		x = append(x, T(limit*(2*float64(i)/float64(n-1)-1)))
	}
	return x
}

func TestKernelsAllocateNothing(t *testing.T) {
	x, y, z, u := normals[float32](64, 1), normals[float32](64, 2), normals[float32](64, 3), normals[float32](64, 4)
	kernels := map[string]func(){
		"GELU":          func() { GELU(x, y) },
		"GELUGrad":      func() { GELUGrad(x, y, z) },
		"GELUTanh":      func() { GELUTanh(x, y) },
		"GELUTanhGrad":  func() { GELUTanhGrad(x, y, z) },
		"Tanh":          func() { Tanh(x, y) },
		"Add":           func() { Add(x, y) },
		"ColSums":       func() { ColSums(x, y, 8, 8) },
		"Softmax":       func() { Softmax(x, 8, 8, 8, 1, 7) },
		"SoftmaxGrad":   func() { SoftmaxGrad(x, y, z, 8, 8, 1) },
		"LayerNorm":     func() { LayerNorm(x, y, z, z, 8, 8, 1e-12, u, u[32:]) },
		"LayerNormGrad": func() { LayerNormGrad(x, u, u[8:], y, z, z, u[16:], u[32:], 8, 8) },
		"AdamW":         func() { AdamW(x, y, u, z, 1e-3, 0.9, 0.999, 1e-8, 0, 0.1, 0.1) },
	}
	for name, f := range kernels {
		if n := testing.AllocsPerRun(10, f); n > 0 {
			t.Errorf("%s: %g allocations a call", name, n)
		}
	}
}

func TestLargest(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want int
	}{{[]float64{-2}, 0}, {[]float64{-3, -1, -2}, 1}, {[]float64{1, 4, 0, 4}, 1}} {
		if got := Largest(c.x); got != c.want {
			t.Errorf("of %v it is number %d, want %d", c.x, got, c.want)
		}
	}
}

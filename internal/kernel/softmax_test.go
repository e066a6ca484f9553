package kernel

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// softmaxWant is the definition on a copy of x, in float64.
func softmaxWant[T Float](x []T, rows, cols, ld int, scale T, valid int) []float64 {
	want := widen(x)
	for i := range rows {
		row := want[i*ld : i*ld+cols]
		clear(row[valid:])
		if valid > 0 {
			softmaxNaive(row[:valid], float64(scale))
		}
	}
	return want
}

func checkSoftmax[T Float](t *testing.T, what string, x []T, rows, cols, ld int, scale T, valid int) {
	t.Helper()
	want := softmaxWant(x, rows, cols, ld, scale, valid)
	eachLevel(func() {
		got := slices.Clone(x)
		Softmax(got, rows, cols, ld, scale, valid)
		closeTo(t, what, got, want, tolerance[T](3e-7))
	})
}

func testSoftmax[T Float](t *testing.T) {
	for _, cols := range lengths {
		for _, valid := range []int{cols, cols - 1, cols / 2, 0} {
			if valid < 0 {
				continue
			}
			what := fmt.Sprintf("softmax, %d of %d columns", valid, cols)
			checkSoftmax(t, what, normals[T](3*(cols+5), 1), 3, cols, cols+5, 0.125, valid)
		}
	}
	huge := normals[T](5*13, 2)
	Scale(huge, huge, 1e4)
	checkSoftmax(t, "huge logits", huge, 5, 13, 13, 1, 11)
	Scale(huge, huge, 1e30)
	checkSoftmax(t, "huger logits", huge, 5, 13, 13, 1, 13)
}

func TestSoftmax(t *testing.T) {
	testSoftmax[float32](t)
	testSoftmax[float64](t)
}

// Logits far below zero must not meet a zero that a mask put in; what cannot be
// normalised says so.
func TestSoftmaxEdges(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	third, half := float32(1.)/3, float32(0.5)
	for _, c := range []struct{ x, want []float32 }{
		{[]float32{-1000, -1000, -1000}, []float32{third, third, third}},
		{[]float32{-inf, 3, 3}, []float32{0, half, half}},
		{[]float32{0, -88, -200}, []float32{1, 0, 0}},
		{[]float32{1, nan, 2}, []float32{nan, nan, nan}},
		{[]float32{1, inf, 2}, []float32{nan, nan, nan}},
		{[]float32{-inf, -inf}, []float32{nan, nan}},
		{[]float32{0, 0, 0, 0, 0, 0, 0, 0, -inf, nan}, []float32{nan, nan, nan, nan, nan, nan, nan, nan, nan, nan}},
		{[]float32{7}, []float32{1}},
	} {
		eachLevel(func() {
			got := slices.Clone(c.x)
			Softmax(got, 1, len(got), len(got), 1, len(got))
			closeTo(t, fmt.Sprint("softmax of ", c.x), got, widen(c.want), 1e-7)
		})
	}
}

// The rows of one batch do not change one another's bits, nor does padding.
func TestSoftmaxBitsDoNotDependOnPlace(t *testing.T) {
	eachLevel(func() {
		x := normals[float32](3*40, 3)
		alone := slices.Clone(x[40:67])
		Softmax(x, 3, 39, 40, 0.5, 27)
		Softmax(alone, 1, 27, 27, 0.5, 27)
		same(t, "softmax", x[40:67], alone)
	})
}

func testSoftmaxGrad[T Float](t *testing.T) {
	for _, cols := range lengths {
		const rows = 3
		p, dp := normals[T](rows*cols, 1), normals[T](rows*cols, 2)
		Softmax(p, rows, cols, cols, 1, cols)
		want, wide := make([]float64, rows*cols), widen(dp)
		for i := range rows {
			at, end := i*cols, (i+1)*cols
			softmaxGradNaive(want[at:end], widen(p)[at:end], wide[at:end], 0.125)
		}
		eachLevel(func() {
			got := make([]T, rows*cols)
			SoftmaxGrad(got, p, dp, rows, cols, 0.125)
			closeTo(t, "softmax gradient", got, want, tolerance[T](1e-6))
			alias := slices.Clone(dp)
			SoftmaxGrad(alias, p, alias, rows, cols, 0.125)
			same(t, "softmax gradient in place", alias, got)
		})
	}
}

func TestSoftmaxGrad(t *testing.T) {
	testSoftmaxGrad[float32](t)
	testSoftmaxGrad[float64](t)
}

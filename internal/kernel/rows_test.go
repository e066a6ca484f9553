package kernel

import (
	"math"
	"slices"
	"testing"
)

func testRows[T Float](t *testing.T) {
	for _, cols := range lengths {
		const rows = 7
		x, sums := normals[T](rows*cols+2, 1), make([]T, cols)
		for i := range rows * cols {
			sums[i%cols] += x[i]
		}
		eachLevel(func() {
			dst := normals[T](cols, 3)
			ColSums(dst, x, rows, cols)
			same(t, "ColSums", dst, sums)
		})
	}
}

func TestRows(t *testing.T) {
	testRows[float32](t)
	testRows[float64](t)
}

func testAddScale[T Float](t *testing.T) {
	x, y := grid[T](3, 200), normals[T](208, 1)
	add := func(dst, x, y []T) {
		sum := slices.Clone(x)
		Add(sum, y)
		copy(dst, sum)
	}
	addWant := func(dst, x, y []float64) {
		for i := range x {
			dst[i] = x[i] + y[i]
		}
	}
	scale := func(dst, x, _ []T) {
		copy(dst, x)
		Scale(dst[:len(x)], dst[:len(x)], -0.75)
	}
	scaleWant := func(dst, x, _ []float64) {
		for i := range x {
			dst[i] = -0.75 * x[i]
		}
	}
	eachLevel(func() {
		checkUnary(t, "Add", add, addWant, x, y, tolerance[T](1e-7))
		checkUnary(t, "Scale", scale, scaleWant, x, y, tolerance[T](1e-7))
	})
}

func TestAddScale(t *testing.T) {
	testAddScale[float32](t)
	testAddScale[float64](t)
}

func TestSumAndDot(t *testing.T) {
	for n := range 75 {
		a, b := normals[float32](n, 1), normals[float32](n, 2)
		want := dotNaive(widen(a), widen(b))
		eachLevel(func() {
			if got := Dot(a, b); math.Abs(float64(got)-want) > 1e-6*(float64(n)+8) {
				t.Errorf("%v: dot of %d elements is %g, want %g", level, n, got, want)
			}
			y := normals[float32](n+1, 3)
			last := y[n]
			Sum(y[:n], a, b)
			for i, v := range y[:n] {
				if v != a[i]+b[i] {
					t.Errorf("%v: element %d of a sum of %d is %g, want %g", level, i, n, v, a[i]+b[i])
				}
			}
			Times(y[:n], a, b)
			for i, v := range y[:n] {
				if v != a[i]*b[i] {
					t.Errorf("%v: element %d of a product of %d is %g, want %g", level, i, n, v, a[i]*b[i])
				}
			}
			if y[n] != last {
				t.Errorf("%v: a sum or product of %d elements writes past its end", level, n)
			}
		})
	}
}

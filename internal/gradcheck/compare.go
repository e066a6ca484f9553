package gradcheck

import (
	"fmt"
	"math"
	"testing"
)

// Tolerances of Match against PyTorch's float64 values. Single precision differs
// from them by about 2e-6 in PyTorch as well.
const (
	Tolerance64 = 1e-9
	Tolerance32 = 1e-5
)

// Tolerance is the tolerance that computing in T allows.
func Tolerance[T float32 | float64]() float64 {
	if _, single := any(T(0)).(float32); single {
		return Tolerance32
	}
	return Tolerance64
}

// Match fails the test if an element of got is further than tol·max(1, |want|)
// from the golden tensor of that name.
func Match[T float32 | float64](t testing.TB, c Case, name string, got []T, tol float64) {
	t.Helper()
	want := c.Floats(t, name)
	if err := Differ(c.Tensor(t, name).Shape, got, want, tol); err != nil {
		t.Errorf("%s of %s %v", name, c.Name, err)
	}
}

// Close is Match against values that are no golden tensor.
func Close[T float32 | float64](t testing.TB, name string, got []T, want []float64, tol float64) {
	t.Helper()
	if err := Differ([]int{len(want)}, got, want, tol); err != nil {
		t.Errorf("%s %v", name, err)
	}
}

// Differ is nil if every element of got is within tol·max(1, |want|) of want,
// and else says how many are not and which is furthest off. A NaN is off.
func Differ[T float32 | float64](shape []int, got []T, want []float64, tol float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("has %d elements, want %d, shape %v", len(got), len(want), shape)
	}
	off, worst, at := 0, 0.0, -1
	for i, w := range want {
		e := apart(float64(got[i]), w, max(1, math.Abs(w)))
		if e <= tol || float64(got[i]) == w {
			continue
		}
		off++
		if at < 0 || e > worst {
			worst, at = e, i
		}
	}
	if off == 0 {
		return nil
	}
	return fmt.Errorf("at %v: got %.12g, want %.12g, %.1e apart, allowed %.0e; %d of %d elements are off",
		position(shape, at), float64(got[at]), want[at], worst, tol, off, len(want))
}

// MatchInts fails the test unless got is the golden integer tensor of that name.
func MatchInts[I int | int32 | int64](t testing.TB, c Case, name string, got []I) {
	t.Helper()
	want := c.Tensor(t, name)
	if len(got) != len(c.Ints(t, name)) {
		t.Errorf("%s of %s has %d elements %v, want %v", name, c.Name, len(got), got, want.Ints)
		return
	}
	for i, w := range want.Ints {
		if int(got[i]) != w {
			t.Errorf("%s of %s at %v: got %d, want %d", name, c.Name, position(want.Shape, i), got[i], w)
			return
		}
	}
}

// position is the index of element i of a row-major tensor.
func position(shape []int, i int) []int {
	at := make([]int, len(shape))
	for d := len(shape) - 1; d >= 0; d-- {
		at[d] = i % shape[d]
		i /= shape[d]
	}
	return at
}

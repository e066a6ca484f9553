package kernel

import (
	"math"
	"slices"
	"testing"
)

// attended is a head of attention between other columns: d of ld, from the 3rd on.
type attended[T Float] struct {
	queries, keys, real, d int
	y, q, k, v             Strided[T]
}

func randomAttended[T Float](queries, keys, real, d int) attended[T] {
	ld := d + 5
	at := func(rows int, seed uint64) Strided[T] { return Strided[T]{normals[T](rows*ld+3, seed)[3:], ld} }
	return attended[T]{queries, keys, real, d, at(queries, 1), at(queries, 2), at(keys, 3), at(keys, 4)}
}

// plain is P and y of the definition, step by step over all queries.
func (a attended[T]) plain(scale T, bias []T) (p, y []T) {
	p, y = make([]T, a.queries*a.keys), make([]T, a.queries*a.d)
	Gemm(false, true, a.queries, a.keys, a.d, a.q.Data, a.q.LD, a.k.Data, a.k.LD, p, a.keys, false)
	for i := range p {
		p[i] += bias[i]
	}
	Softmax(p, a.queries, a.keys, a.keys, scale, a.real)
	Gemm(false, false, a.queries, a.d, a.keys, p, a.keys, a.v.Data, a.v.LD, y, a.d, false)
	return p, y
}

// check holds Attend and Probabilities to the bits of their steps, and lets them write
// nothing beside y and P.
func (a attended[T]) check(t *testing.T) {
	t.Helper()
	biases := normals[T](a.queries*a.keys, 5)
	before := append([]T{}, a.y.Data...)
	const scale = 0.3
	bias := func(scores []T, from, to int) {
		Add(scores[:(to-from)*a.keys], biases[from*a.keys:to*a.keys])
	}
	Attend(a.y, a.q, a.k, a.v, a.queries, a.keys, a.real, a.d, T(scale), bias)
	p := append(make([]T, a.queries*a.keys), 7)
	Probabilities(p, a.q, a.k, a.queries, a.keys, a.real, a.d, T(scale), bias)
	wantP, want := a.plain(T(scale), biases)
	if !slices.Equal(p, append(wantP, 7)) {
		t.Errorf("%d×%d×%d, %d real: probabilities differ", a.queries, a.keys, a.d, a.real)
	}
	for i, v := range a.y.Data {
		row, col := i/a.y.LD, i%a.y.LD
		switch {
		case col >= a.d || row >= a.queries:
			if v != before[i] {
				t.Fatalf("%d×%d×%d: writes beside y", a.queries, a.keys, a.d)
			}
		case math.Float64bits(float64(v)) != math.Float64bits(float64(want[row*a.d+col])):
			t.Fatalf("%d×%d×%d, %d real: y[%d,%d] = %g, want %g", a.queries, a.keys, a.d, a.real, row, col, v, want[row*a.d+col])
		}
	}
}

// Heights of every strip, odd widths, padding, one key, more keys than a block has, and more
// scores than are kept at once.
func TestAttend(t *testing.T) {
	if Backend() == "openblas" {
		t.Skip("OpenBLAS chooses its order of additions by itself")
	}
	eachLevel(func() {
		for _, s := range [][4]int{{1, 1, 1, 1}, {14, 32, 32, 32}, {13, 33, 30, 31}, {30, 127, 100, 64}, {5, 70, 70, 33}, {70, 600, 590, 8}, {3, 800, 800, 16}} {
			randomAttended[float32](s[0], s[1], s[2], s[3]).check(t)
		}
		for queries := range 16 {
			randomAttended[float32](queries, 19, 17, 10).check(t)
		}
		randomAttended[float64](9, 21, 20, 12).check(t)
	})
}

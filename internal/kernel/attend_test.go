package kernel

import (
	"math"
	"slices"
	"testing"
)

// attended is a head of attention between other columns: D of LD, from the 3rd on.
type attended[T Float] struct {
	Head[T]
	y Strided[T]
}

func randomAttended[T Float](queries, keys, real, d int) attended[T] {
	ld := d + 5
	at := func(rows int, seed uint64) Strided[T] { return Strided[T]{normals[T](rows*ld+3, seed)[3:], ld} }
	return attended[T]{Head[T]{Q: at(queries, 2), K: at(keys, 3), V: at(keys, 4), Queries: queries, Keys: keys, Real: real, D: d, Scale: 0.3}, at(queries, 1)}
}

// plain is P and y of the definition, step by step over all queries.
func (a attended[T]) plain(bias []T) (p, y []T) {
	p, y = make([]T, a.Queries*a.Keys), make([]T, a.Queries*a.D)
	multiply := func(transB bool, m, n, k int, a, b Strided[T], c []T) {
		Gemm(false, transB, m, n, k, a.Data, a.LD, b.Data, b.LD, c, n, false)
	}
	if a.Rounded {
		multiply = func(transB bool, m, n, k int, a, b Strided[T], c []T) {
			bf16Naive(&product[float32]{transB: transB, m: m, n: n, k: k, a: any(a.Data).([]float32), lda: a.LD, b: any(b.Data).([]float32), ldb: b.LD, c: any(c).([]float32), ldc: n})
		}
	}
	multiply(true, a.Queries, a.Keys, a.D, a.Q, a.K, p)
	for i := range p {
		p[i] += bias[i]
	}
	Softmax(p, a.Queries, a.Keys, a.Keys, a.Scale, a.Real)
	multiply(false, a.Queries, a.D, a.Keys, Strided[T]{p, a.Keys}, a.V, y)
	return p, y
}

// check holds Attend, Probabilities and Weigh to the bits of their steps, and lets them write
// nothing beside y and P.
func (a attended[T]) check(t *testing.T) {
	t.Helper()
	biases := normals[T](a.Queries*a.Keys, 5)
	before := append([]T{}, a.y.Data...)
	a.Bias = func(scores []T, from, to int) {
		Add(scores[:(to-from)*a.Keys], biases[from*a.Keys:to*a.Keys])
	}
	wantP, want := a.plain(biases)
	p := append(make([]T, a.Queries*a.Keys), 7)
	a.Probabilities(p)
	if !slices.Equal(p, append(wantP, 7)) {
		t.Errorf("%d×%d×%d, %d real, rounded %v: probabilities differ", a.Queries, a.Keys, a.D, a.Real, a.Rounded)
	}
	rows, backward := make([]int32, a.Queries), make([]T, a.Queries*a.Keys)
	for i := range rows { // the last row of P first, and counted from 3
		rows[i] = int32(a.Queries - 1 - i + 3)
		copy(backward[i*a.Keys:(i+1)*a.Keys], wantP[(a.Queries-1-i)*a.Keys:])
	}
	for name, compute := range map[string]func(){
		"Attend":    func() { a.Attend(a.y) },
		"Weigh":     func() { a.Weigh(a.y, Strided[T]{p, a.Keys}, a.Queries) },
		"WeighRows": func() { a.WeighRows(a.y, Strided[T]{backward, a.Keys}, rows, 3) },
	} {
		copy(a.y.Data, before)
		compute()
		for i, v := range a.y.Data {
			row, col := i/a.y.LD, i%a.y.LD
			switch {
			case col >= a.D || row >= a.Queries:
				if v != before[i] {
					t.Fatalf("%s of %d×%d×%d, rounded %v: writes beside y", name, a.Queries, a.Keys, a.D, a.Rounded)
				}
			case math.Float64bits(float64(v)) != math.Float64bits(float64(want[row*a.D+col])):
				t.Fatalf("%s of %d×%d×%d, %d real, rounded %v: y[%d,%d] = %g, want %g", name, a.Queries, a.Keys, a.D, a.Real, a.Rounded, row, col, v, want[row*a.D+col])
			}
		}
	}
}

// Heights of every strip, odd widths, padding, one key, more keys than a block has, and more
// scores than are kept at once.
func TestAttend(t *testing.T) {
	both := func(queries, keys, real, d int) {
		a := randomAttended[float32](queries, keys, real, d)
		if Backend() != "openblas" { // which chooses its order of additions by itself
			a.check(t)
		}
		a.Rounded = true
		a.check(t)
		defer func(has bool) { hasBF16 = has }(hasBF16)
		hasBF16 = false
		a.check(t)
	}
	eachLevel(func() {
		for _, s := range [][4]int{{1, 1, 1, 1}, {14, 32, 32, 32}, {13, 33, 30, 31}, {30, 127, 100, 64}, {5, 70, 70, 33}, {70, 600, 590, 8}, {3, 800, 800, 16}, {20, 768, 760, 128}} {
			both(s[0], s[1], s[2], s[3])
		}
		for queries := range 16 {
			both(queries, 19, 17, 10)
		}
		if Backend() != "openblas" {
			randomAttended[float64](9, 21, 20, 12).check(t)
		}
	})
}

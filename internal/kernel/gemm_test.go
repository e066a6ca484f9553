package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// eachLevel calls f with the kernels of every instruction set the processor has.
func eachLevel(f func()) {
	best := level
	defer func() { level = best }()
	for _, level = range levels {
		f()
	}
}

// normals is n numbers of a standard normal distribution, the same for a seed.
func normals[T Float](n int, seed uint64) []T {
	rng := rand.New(rand.NewPCG(seed, 1))
	x := make([]T, n)
	for i := range x {
		x[i] = T(rng.NormFloat64())
	}
	return x
}

// randomProduct is a product of the given shape whose matrices lie in larger ones.
func randomProduct[T Float](m, n, k int, transA, transB, accumulate bool) product[T] {
	lies := func(rows, cols int, trans bool) (ld, size int) {
		if trans {
			rows, cols = cols, rows
		}
		return cols + 3, rows * (cols + 3)
	}
	g := product[T]{transA: transA, transB: transB, m: m, n: n, k: k, accumulate: accumulate}
	var a, b int
	g.lda, a = lies(m, k, transA)
	g.ldb, b = lies(k, n, transB)
	g.ldc = n + 5
	g.a, g.b, g.c = normals[T](a, 1), normals[T](b, 2), normals[T](g.ldc*m, 3)
	return g
}

func (g product[T]) run() {
	Gemm(g.transA, g.transB, g.m, g.n, g.k, g.a, g.lda, g.b, g.ldb, g.c, g.ldc, g.accumulate)
}

// reference is the product in float64, in a C of its own.
func (g product[T]) reference() []float64 {
	want := product[float64]{transA: g.transA, transB: g.transB, m: g.m, n: g.n, k: g.k,
		a: widen(g.a), lda: g.lda, b: widen(g.b), ldb: g.ldb, c: widen(g.c), ldc: g.ldc, accumulate: g.accumulate}
	gemmNaive(&want)
	return want.c
}

func widen[T Float](x []T) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func (g product[T]) String() string {
	return fmt.Sprintf("%T m=%d n=%d k=%d transA=%t transB=%t accumulate=%t", g.a, g.m, g.n, g.k, g.transA, g.transB, g.accumulate)
}

func forEachCase(f func(transA, transB, accumulate bool)) {
	for bits := range 8 {
		f(bits&1 != 0, bits&2 != 0, bits&4 != 0)
	}
}

// Odd sizes, and sizes at which a strip, a panel or a block ends or goes over; k = 1021
// makes rows 512 apart.
var gemmShapes = [][3]int{
	{1, 1, 1}, {1, 31, 3}, {2, 33, 9}, {3, 5, 7}, {13, 64, 32}, {14, 32, 128}, {15, 1, 15}, {16, 16, 16}, {27, 70, 41},
	{29, 70, 40}, {65, 17, 8}, {45, 65, 17}, {3, 20, 513}, {3, 36, 1021}, {2, 260, 512}, {15, 34, 507}, {120, 34, 20},
}

func TestGemm(t *testing.T) {
	for _, s := range gemmShapes {
		forEachCase(func(transA, transB, accumulate bool) {
			checkGemm(t, randomProduct[float32](s[0], s[1], s[2], transA, transB, accumulate), 1e-6)
			checkGemm(t, randomProduct[float64](s[0], s[1], s[2], transA, transB, accumulate), 1e-15)
		})
	}
}

// checkGemm compares with the reference; everything around C must be left alone. The
// error of a sum of k products of normal numbers grows as its size.
func checkGemm[T Float](t *testing.T, g product[T], tol float64) {
	t.Helper()
	want, old := g.reference(), g.c
	tol *= float64(g.k) + 8
	eachLevel(func() {
		g.c = slices.Clone(old)
		g.run()
		for i, w := range want {
			if diff := math.Abs(float64(g.c[i]) - w); !(diff <= tol) {
				t.Fatalf("%v %v: c[%d,%d] = %g, want %g", level, g, i/g.ldc, i%g.ldc, g.c[i], w)
			}
		}
	})
}

// An element of C depends on its own row and column alone, to the bit: not on the
// size of the product, its place in it, or where the slices begin.
func TestGemmBitsDoNotDependOnPlace(t *testing.T) {
	if Backend() == "openblas" {
		t.Skip("OpenBLAS promises no such thing")
	}
	eachLevel(func() {
		forEachCase(func(transA, transB, accumulate bool) {
			whole := randomProduct[float32](17, 52, 530, transA, transB, accumulate)
			part := whole
			part.m, part.n = 5, 43
			part.a = whole.a[offset(whole.lda, transA, 11):]
			part.b = whole.b[offset(whole.ldb, !transB, 9):]
			part.c = append(make([]float32, 1), whole.c[11*whole.ldc+9:]...)[1:]
			whole.run()
			part.run()
			for i := range part.m {
				got, want := part.c[i*part.ldc:][:part.n], whole.c[(11+i)*whole.ldc+9:][:part.n]
				if !slices.Equal(got, want) {
					t.Fatalf("%v: row %d of %v differs from that of %v", level, i, part, whole)
				}
			}
		})
	})
}

// offset is where row i of op(x) begins.
func offset(ld int, trans bool, i int) int {
	if trans {
		return i
	}
	return i * ld
}

// Without accumulate C is never read; a NaN in A or B reaches its row or column only.
func TestGemmNaN(t *testing.T) {
	nan := float32(math.NaN())
	eachLevel(func() {
		g := randomProduct[float32](17, 35, 9, false, true, false)
		for i := range g.c {
			g.c[i] = nan
		}
		g.a[3*g.lda+2] = nan
		g.b[34*g.ldb+8] = nan
		g.run()
		for i := range g.m {
			for j := range g.n {
				if v := g.c[i*g.ldc+j]; (v != v) != (i == 3 || j == 34) {
					t.Fatalf("%v: c[%d,%d] = %g", level, i, j, v)
				}
			}
		}
	})
}

func TestGemmEmpty(t *testing.T) {
	c := []float32{1, 2, 3, 4}
	Gemm(false, false, 2, 2, 0, nil, 0, nil, 2, c, 2, true)
	Gemm(false, false, 0, 2, 2, nil, 2, c, 2, nil, 2, false)
	Gemm(false, false, 2, 0, 2, c, 2, nil, 0, nil, 0, false)
	if !slices.Equal(c, []float32{1, 2, 3, 4}) {
		t.Fatalf("c = %v, want it untouched", c)
	}
	Gemm(false, false, 2, 1, 0, nil, 0, nil, 1, c, 2, false)
	if !slices.Equal(c, []float32{0, 2, 0, 4}) {
		t.Fatalf("c = %v, want its first column cleared", c)
	}
}

// A slice that is too short must not become a stray write.
func TestGemmShortSlice(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Fatal("no panic")
		}
	}()
	x := make([]float32, 100)
	Gemm(false, false, 10, 10, 10, x, 10, x, 10, make([]float32, 99), 10, false)
}

func TestGemmAllocatesNothing(t *testing.T) {
	for _, transB := range []bool{false, true} {
		g := randomProduct[float32](33, 40, 70, false, transB, true)
		d := randomProduct[float64](33, 40, 70, false, transB, true)
		if n := testing.AllocsPerRun(50, g.run); n > 0 {
			t.Errorf("float32, transB=%t: %g allocations a call", transB, n)
		}
		if n := testing.AllocsPerRun(50, d.run); n > 0 {
			t.Errorf("float64, transB=%t: %g allocations a call", transB, n)
		}
	}
}

// Several goroutines may multiply at once and get the same bits.
func TestGemmConcurrent(t *testing.T) {
	want := randomProduct[float32](40, 70, 90, true, true, false)
	want.run()
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			g := randomProduct[float32](40, 70, 90, true, true, false)
			for range 20 {
				g.run()
				if !slices.Equal(g.c, want.c) {
					t.Error("results differ")
					return
				}
			}
		})
	}
	wait.Wait()
}

package kernel

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// sameAsLoop checks that the processor's kernel of bfloat16, if it has one, makes of C what the
// loop makes of it.
func sameAsLoop(t *testing.T, g product[float32]) {
	t.Helper()
	if !hasBF16 {
		return
	}
	want := g
	g.c, want.c = slices.Clone(g.c), slices.Clone(g.c)
	bf16SIMD(&g)
	bf16Naive(&want)
	if at := differs(g.c, want.c); at >= 0 {
		t.Fatalf("%v: c[%d,%d] = %g, want %g", g, at/g.ldc, at%g.ldc, g.c[at], want.c[at])
	}
}

// bits32 is a float32 of some bits.
func bits32(bits uint32) float32 { return math.Float32frombits(bits) }

// Nearest, ties to even, by hand: bfloat16 of 1 lie 2⁻⁷ apart.
func TestRoundBF16(t *testing.T) {
	for _, c := range []struct{ x, want float32 }{
		{1, 1}, {-1, -1}, {0, 0}, {1 + 0x1p-8, 1}, {1 + 0x1p-7, 1 + 0x1p-7}, {1 + 3*0x1p-8, 1 + 0x1p-6}, {1 + 0x1p-8 + 0x1p-23, 1 + 0x1p-7},
		{-1 - 3*0x1p-8 + 0x1p-23, -1 - 0x1p-7}, {2 - 0x1p-23, 2}, {3.4e38, float32(math.Inf(1))}, {float32(math.Inf(-1)), float32(math.Inf(-1))},
		{0x1p-126, 0x1p-126}, {0x1p-126 + 0x1p-149, 0x1p-126}, {0x1p-126 - 0x1p-149, 0}, {0x1p-149, 0},
	} {
		if got := bits32(roundBF16(c.x)); got != c.want {
			t.Errorf("%g is rounded to %g, want %g", c.x, got, c.want)
		}
	}
	if got := roundBF16(-0x1p-140); got != signBit {
		t.Errorf("-2⁻¹⁴⁰ is rounded to %#x, want -0", got)
	}
	for _, bits := range []uint32{0x7f800001, 0x7fffffff, 0xff800001, 0xffffffff} {
		if got := roundBF16(bits32(bits)); got != bits&0xffff0000|0x400000 {
			t.Errorf("NaN %#x is rounded to %#x", bits, got)
		}
	}
}

// exactSum is a·b + c of numbers that are no less than the least normal one, by arithmetic
// of 2000 bits, rounded once to float32.
func exactSum(a, b, c float32) float32 {
	wide := func(x float32) *big.Float { return new(big.Float).SetPrec(2000).SetFloat64(float64(x)) }
	sum, _ := new(big.Float).SetPrec(2000).Add(new(big.Float).SetPrec(2000).Mul(wide(a), wide(b)), wide(c)).Float32()
	return sum
}

// A pair is two sums, each rounded once, the second number's before the first's.
func TestDotBF16(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	number := func(spread int) float32 {
		return float32(random.NormFloat64() * math.Exp2(float64(random.IntN(spread)-spread/2)))
	}
	half := func() float32 { return bits32(roundBF16(number(40))) }
	for range 20000 {
		a0, a1, b0, b1, c := half(), half(), half(), half(), number(90)
		want := exactSum(a0, b0, exactSum(a1, b1, c))
		if got := dotBF16(c, pairOf(a0, a1), pairOf(b0, b1)); got != want {
			t.Fatalf("%g·%g + (%g·%g + %g) = %g, want %g", a0, b0, a1, b1, c, got, want)
		}
	}
	least, below := float32(0x1p-126), float32(0x1p-126-0x1p-149)
	for _, s := range []struct{ a, b, c, want float32 }{
		{1, least, 0, least}, {0.5, least, 0, 0}, {-0.5, least, 0, 0}, {1, below, 0, 0}, {1, 1, below, 1}, {0, 0, below, 0},
		{0x1p-70, 0x1p-70, 0, 0}, {1.5, least, -least, 0}, {-1, least, least, 0}, {3, least, -least, 2 * least},
		{1, least, below, least}, {0x1p-76, -0x1p-76, least, least}, {0x1p-75, -0x1p-75, least, 0},
	} {
		if got := dotBF16(s.c, pairOf(s.a, 0), pairOf(s.b, 0)); got != s.want {
			t.Errorf("%g·%g + %g = %g, want %g", s.a, s.b, s.c, got, s.want)
		}
		g := product[float32]{m: 1, n: 1, k: 4, a: []float32{s.a, 0, s.c, 0}, lda: 4, b: []float32{s.b, 0, 1, 0}, ldb: 1, c: []float32{0}, ldc: 1}
		g.a[0], g.a[2], g.b[0], g.b[2] = s.c, s.a, 1, s.b // the sum first
		sameAsLoop(t, g)
	}
}

// shapes16 are m, n, k at which a strip, a panel, a pair or a block ends or goes over:
// sums have 768 pairs at most.
var shapes16 = [][3]int{
	{1, 1, 1}, {1, 1, 2}, {2, 33, 3}, {13, 31, 32}, {14, 32, 31}, {15, 65, 33}, {16, 9, 63}, {29, 70, 17}, {5, 230, 130}, {3, 33, 1537}, {2, 170, 1536}, {15, 3, 3073},
}

// Every kernel gives the bits of the loop, and writes C alone.
func TestBF16(t *testing.T) {
	for _, s := range shapes16 {
		forEachCase(func(transA, transB, accumulate bool) {
			g := randomProduct[float32](s[0], s[1], s[2], transA, transB, accumulate)
			if !accumulate {
				g.bias = normals[float32](g.n, 4)
			}
			old := slices.Clone(g.c)
			sameAsLoop(t, g)
			bf16Naive(&g)
			near(t, g, old)
		})
	}
}

// differs is where two slices have other bits, NaN of any bits being NaN; −1: nowhere.
func differs(a, b []float32) int {
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) && (a[i] == a[i] || b[i] == b[i]) {
			return i
		}
	}
	return -1
}

// near checks that g.c, whose elements were old before, is the product of the rounded
// factors, but for what float32 rounds of each addition.
func near(t *testing.T, g product[float32], old []float32) {
	t.Helper()
	exact := product[float64]{transA: g.transA, transB: g.transB, m: g.m, n: g.n, k: g.k, a: widen(halves(g.a)), lda: g.lda, b: widen(halves(g.b)), ldb: g.ldb,
		c: widen(old), ldc: g.ldc, accumulate: g.accumulate}
	gemmNaive(&exact)
	for i, want := range exact.c {
		if j := i % g.ldc; g.bias != nil && j < g.n {
			want += float64(g.bias[j])
		}
		if diff := math.Abs(float64(g.c[i]) - want); !(diff <= float64(g.k+8)*0x1p-22) { // sums are some units
			t.Fatalf("%v: c[%d,%d] = %g, want %g", g, i/g.ldc, i%g.ldc, g.c[i], want)
		}
	}
}

// halves is x in bfloat16.
func halves(x []float32) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = bits32(roundBF16(v))
	}
	return y
}

// A sum has 768 pairs at most: 2²⁴ takes up all ones of its own sum, and none of the next.
func TestBF16Depth(t *testing.T) {
	for k, want := range map[int]float32{1536: 0x1p24, 1538: 0x1p24 + 768, 4608: 0x1p24 + 3072} {
		ones := slices.Repeat([]float32{1}, k)
		a := slices.Clone(ones)
		a[0] = 0x1p24
		c := []float32{0}
		bf16(product[float32]{m: 1, n: 1, k: k, a: a, lda: k, b: ones, ldb: 1, c: c, ldc: 1})
		if c[0] != want {
			t.Errorf("%d elements: %g, want %g", k, c[0], want)
		}
	}
}

// NaN, infinities, denormals and what overflows come out of all kernels alike.
func TestBF16OddNumbers(t *testing.T) {
	inf := float32(math.Inf(1))
	odd := []float32{0, bits32(signBit), inf, -inf, float32(math.NaN()), bits32(0x7f800001), 0x1p-149, -0x1p-127, 0x1p-126, -0x1p-126, 0x1p-126 - 0x1p-149,
		3.4e38, -3.4e38, 0x1p-63, -0x1p-63, 1.99 * 0x1p-64, 0x1p-75, 1, 1 + 0x1p-8, -1 - 3*0x1p-8}
	random := rand.New(rand.NewPCG(3, 4))
	for round := range 400 {
		g := randomProduct[float32](1+round%16, 1+round%37, 1+round%9, round&1 != 0, round&2 != 0, round&4 != 0)
		for _, x := range [][]float32{g.a, g.b, g.c} {
			for i := range x {
				if random.IntN(1+round%5) == 0 {
					x[i] = odd[random.IntN(len(odd))]
				} else if round%3 > 0 {
					x[i] *= 0x1p-63 // products about the least normal number
				}
			}
		}
		sameAsLoop(t, g)
	}
}

// Rows that are too many for one copy of strips are cut.
func TestBF16ManyRows(t *testing.T) {
	for _, transA := range []bool{false, true} {
		sameAsLoop(t, randomProduct[float32](1345, 1, 1536, transA, true, false))
	}
}

// C is written whatever was there, and a NaN of A or B reaches its row or column alone.
func TestBF16NaN(t *testing.T) {
	nan := float32(math.NaN())
	g := randomProduct[float32](17, 35, 9, false, true, false)
	for i := range g.c {
		g.c[i] = nan
	}
	g.a[3*g.lda+2], g.b[34*g.ldb+8] = nan, nan
	bf16(g)
	for i := range g.m {
		for j := range g.n {
			if v := g.c[i*g.ldc+j]; (v != v) != (i == 3 || j == 34) {
				t.Fatalf("c[%d,%d] = %g", i, j, v)
			}
		}
	}
}

func TestBF16AllocatesNothing(t *testing.T) {
	if !hasBF16 {
		t.Skip("the loop makes its pairs anew")
	}
	g := randomProduct[float32](33, 40, 70, true, true, true)
	if n := testing.AllocsPerRun(50, func() { bf16(g) }); n > 0 {
		t.Errorf("%g allocations a call", n)
	}
}

// The three products of a layer, in both precisions, against their equations.
func TestProducts(t *testing.T) {
	const rows, out, in = 7, 5, 11
	x, dy, bias, w := normals[float32](rows*in, 1), normals[float32](rows*out, 2), normals[float32](out, 3), Rows[float32]{normals[float32](out*in, 4), out, in}
	for _, p := range []Precision{"", Float32, BF16} {
		products, err := ProductsOf[float32](p)
		if err != nil {
			t.Fatal(err)
		}
		see := func(v float32) float64 { return float64(v) }
		if p == BF16 {
			see = func(v float32) float64 { return float64(bits32(roundBF16(v))) }
		}
		sum := func(n int, term func(i int) float64) (s float64) {
			for i := range n {
				s += term(i)
			}
			return s
		}
		check := func(what string, got []float32, cols int, want func(i, j int) float64) {
			for i, v := range got {
				if w := want(i/cols, i%cols); math.Abs(float64(v)-w) > 1e-5 {
					t.Errorf("%q, %s[%d,%d] = %g, want %g", p, what, i/cols, i%cols, v, w)
				}
			}
		}
		y, dx, dw := make([]float32, rows*out), make([]float32, rows*in), Rows[float32]{make([]float32, out*in), out, in}
		products.Forward(y, x, bias, rows, w, nil)
		check("y", y, out, func(i, j int) float64 {
			return float64(bias[j]) + sum(in, func(k int) float64 { return see(x[i*in+k]) * see(w.Data[j*in+k]) })
		})
		products.Inputs(dx, dy, rows, w)
		check("dx", dx, in, func(i, j int) float64 {
			return sum(out, func(k int) float64 { return see(dy[i*out+k]) * see(w.Data[k*in+j]) })
		})
		weights := func(i, j int) float64 {
			return sum(rows, func(k int) float64 { return see(dy[k*out+i]) * see(x[k*in+j]) })
		}
		products.Weights(dw, dy, x, rows, false)
		check("dw", dw.Data, in, weights)
		products.Weights(dw, dy, x, rows, true)
		check("dw, twice", dw.Data, in, func(i, j int) float64 { return 2 * weights(i, j) })
		products.Weights(dw, dy, x, 0, false) // of no rows
		check("dw of nothing", dw.Data, in, func(int, int) float64 { return 0 })
	}
}

func TestPrecisionErrors(t *testing.T) {
	if _, err := ProductsOf[float64](BF16); err == nil || err.Error() != "precision bf16 is one of float32, and this network is of float64" {
		t.Errorf("error %v", err)
	}
	if _, err := ProductsOf[float32]("fp8"); err == nil || err.Error() != `precision is "fp8", want float32 or bf16` {
		t.Errorf("error %v", err)
	}
	if _, err := ProductsOf[float64](Float32); err != nil {
		t.Error(err)
	}
}

// go test -bench BF16 -cpu 1 ./internal/kernel
func BenchmarkBF16(b *testing.B) {
	for _, s := range [][3]int{{512, 2304, 768}, {512, 768, 3072}, {512, 384, 384}, {32, 768, 768}} {
		for _, kind := range []string{"forward", "inputs", "weights"} {
			for _, p := range []Precision{Float32, BF16} {
				rows, out, in := s[0], s[1], s[2]
				x, dy, w := normals[float32](rows*in, 1), normals[float32](rows*out, 2), Rows[float32]{normals[float32](out*in, 4), out, in}
				bias, y, dx, dw := make([]float32, out), make([]float32, rows*out), make([]float32, rows*in), Rows[float32]{make([]float32, out*in), out, in}
				products, _ := ProductsOf[float32](p)
				b.Run(fmt.Sprintf("%s/%dx%dx%d/%s", kind, rows, out, in, p), func(b *testing.B) {
					for b.Loop() {
						switch kind {
						case "forward":
							products.Forward(y, x, bias, rows, w, nil)
						case "inputs":
							products.Inputs(dx, dy, rows, w)
						default:
							products.Weights(dw, dy, x, rows, false)
						}
					}
					b.ReportMetric(2*float64(rows*out*in)*float64(b.N)/1e9/b.Elapsed().Seconds(), "GFLOP/s")
				})
			}
		}
	}
}

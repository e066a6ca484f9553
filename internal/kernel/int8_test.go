package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// eachInt8Kernel calls f with every kernel of int8 products that the machine has.
func eachInt8Kernel(f func(k *int8Kernel)) {
	for _, k := range int8Kernels {
		if k.ready() == nil {
			f(k)
		}
	}
}

// int8Case is a product to be held against its definition.
type int8Case struct {
	rows, out, in int
	x             []float32
	v             []int8
	c, bias       []float32
	factors       []float32 // of the rows of x; nil: none
}

// randomInt8 is a product of normal numbers.
func randomInt8(rows, out, in int) int8Case {
	p := int8Case{rows: rows, out: out, in: in, x: normals[float32](rows*in, 1), bias: normals[float32](out, 3)}
	p.v, p.c, _ = QuantizeWeights(normals[float32](out*in, 2), out, in)
	return p
}

// naive is y by the definition.
func (p int8Case) naive(f Activation) []float32 {
	y, x := make([]float32, p.rows*p.out), slices.Clone(p.x)
	if p.factors != nil {
		for i := range x {
			x[i] *= p.factors[i%p.in]
		}
	}
	int8Naive(y, x, p.v, p.c, p.bias, p.rows, p.out, p.in)
	if f != NoActivation {
		for i, v := range y {
			y[i] = curveOf(curves[f], v)
		}
	}
	return y
}

// run is y by a kernel, between two numbers that must stay.
func (p int8Case) run(t *testing.T, k *int8Kernel, f Activation, each Each) []float32 {
	t.Helper()
	w := k.matrix(p.v, p.c, p.out, p.in).Smoothed(p.factors)
	var x QuantizedRows
	x.Reset(w, p.rows)
	if err := x.Quantize(p.x, each); err != nil {
		t.Error(err)
	}
	const guard = 12345
	n := p.rows * p.out
	y := make([]float32, n+2)
	y[0], y[n+1] = guard, guard
	w.Multiply(y[1:n+1], &x, p.bias, f, each)
	if y[0] != guard || y[n+1] != guard {
		t.Errorf("%s: %d×%d×%d writes beside y", k.name, p.rows, p.out, p.in)
	}
	return y[1 : n+1]
}

// check holds every kernel against the definition, to the bit.
func (p int8Case) check(t *testing.T, f Activation) {
	t.Helper()
	want := p.naive(f)
	eachInt8Kernel(func(k *int8Kernel) {
		for i, v := range p.run(t, k, f, nil) {
			if math.Float32bits(v) != math.Float32bits(want[i]) && !(v != v && want[i] != want[i]) {
				t.Fatalf("%s, %d×%d×%d, activation %d: y[%d,%d] = %g, want %g", k.name, p.rows, p.out, p.in, f, i/p.out, i%p.out, v, want[i])
			}
		}
	})
}

// Heights of every tile and its rest, odd widths and depths, several steps and pieces.
func TestInt8(t *testing.T) {
	for rows := range 41 {
		randomInt8(rows, 37, 71).check(t, NoActivation)
		randomInt8(rows, 64, 64).check(t, FastGELU)
	}
	for _, s := range [][3]int{
		{1, 1, 1}, {1, 2, 3}, {2, 3, 2}, {3, 15, 5}, {4, 17, 31}, {5, 31, 33}, {6, 32, 63}, {7, 33, 65}, {13, 63, 127},
		{14, 65, 129}, {15, 96, 192}, {33, 130, 257}, {141, 200, 40}, {150, 193, 17}, {3, 70, 3000}, {16, 100, 1025},
	} {
		for _, f := range []Activation{NoActivation, FastGELU, FastGELUTanh} {
			randomInt8(s[0], s[1], s[2]).check(t, f)
		}
	}
}

// Rows of every kind, so that zero points are 0, 255 and between, and scales extreme.
func TestInt8Rows(t *testing.T) {
	const rows, out, in = 14, 35, 75
	p := randomInt8(rows, out, in)
	kinds := []func(i int, v float32) float32{
		func(int, float32) float32 { return 0 },
		func(int, float32) float32 { return 2.5 },
		func(int, float32) float32 { return -2.5 },
		func(_ int, v float32) float32 { return -max(v, -v) - 1 },
		func(_ int, v float32) float32 { return max(v, -v) + 100 },
		func(_ int, v float32) float32 { return v * 1e37 },
		func(_ int, v float32) float32 { return v * 1e-37 },
		func(_ int, v float32) float32 { return v * 1e-42 },
		func(i int, _ float32) float32 { return []float32{math.MaxFloat32, -math.MaxFloat32, 0}[i%3] },
		func(i int, v float32) float32 { return []float32{0, 1000 * v}[i/(in-1)] },
		func(i int, _ float32) float32 { return float32(i%511)/2 - 50 },
		func(i int, _ float32) float32 { return []float32{-1, 1, 0.5, -0.5}[i%4] },
		func(i int, _ float32) float32 { return float32(math.Copysign(0, -1)) },
		func(i int, v float32) float32 { return v },
	}
	for r, kind := range kinds {
		for i := range in {
			p.x[r*in+i] = kind(i, p.x[r*in+i])
		}
	}
	p.check(t, NoActivation)
	p.check(t, FastGELU)
}

// Weights that are all zero, or as large as they may be, and scales of any kind.
func TestInt8Weights(t *testing.T) {
	p := randomInt8(9, 40, 83)
	for j := range p.out {
		row := p.v[j*p.in : (j+1)*p.in]
		for k := range row {
			row[k] = []int8{0, 127, -127, int8(1 - k%2*2), row[k]}[j%5]
		}
		p.c[j] = []float32{p.c[j], 0, -1, 1e30, leastScale}[j/5%5]
	}
	p.check(t, NoActivation)
}

// Rows are multiplied by a matrix's factors before they become bytes; a part of it has the
// same, also as a copy, and no factors are factors of 1.
func TestInt8Smoothed(t *testing.T) {
	for _, s := range [][3]int{{1, 1, 1}, {3, 15, 5}, {7, 33, 65}, {15, 96, 192}, {33, 70, 257}} {
		p := randomInt8(s[0], s[1], s[2])
		plain := p.naive(NoActivation)
		p.factors = slices.Repeat([]float32{1}, p.in)
		if !slices.Equal(p.naive(NoActivation), plain) {
			t.Fatal("factors of 1 are none")
		}
		for k := range p.factors {
			p.factors[k] = []float32{0.25, 3, 0x1p-20, 1, 7}[k%5]
		}
		p.check(t, NoActivation)
		p.check(t, FastGELU)
	}
	p := randomInt8(5, 70, 33)
	p.factors = normals[float32](p.in, 9)
	want := p.naive(NoActivation)
	eachInt8Kernel(func(k *int8Kernel) {
		w := k.matrix(p.v, p.c, p.out, p.in).Smoothed(p.factors)
		for _, from := range []int{0, k.cols, 3} {
			y := make([]float32, p.rows*(p.out-from))
			w.Slice(from, p.out).Affine(y, p.x, p.bias[from:], p.rows, nil)
			for i, v := range y {
				if at := i/(p.out-from)*p.out + from + i%(p.out-from); math.Float32bits(v) != math.Float32bits(want[at]) {
					t.Fatalf("%s, outputs from %d on: y[%d] = %g, want %g", k.name, from, i, v, want[at])
				}
			}
		}
		for i, v := range w.Floats() {
			if is := float32(float32(p.v[i])*p.c[i/p.in]) * p.factors[i%p.in]; v != is {
				t.Fatalf("%s: weight %d stands for %g, want %g", k.name, i, v, is)
			}
		}
	})
}

// Another matrix is added to y after its bias, in every row and in a panel that goes over the
// last column, and what lies beside it stays unread.
func TestInt8Added(t *testing.T) {
	for _, s := range [][3]int{{0, 5, 3}, {1, 1, 1}, {5, 32, 16}, {14, 37, 71}, {29, 101, 40}, {150, 224, 33}} {
		p := randomInt8(s[0], s[1], s[2])
		want, to := p.naive(NoActivation), normals[float32](p.rows*p.out, 4)
		for i := range want {
			want[i] += to[i]
		}
		eachInt8Kernel(func(k *int8Kernel) {
			y := make([]float32, len(want))
			k.matrix(p.v, p.c, p.out, p.in).Added(y, p.x, p.bias, to, p.rows, nil)
			if !slices.Equal(y, want) {
				t.Errorf("%s, %d×%d×%d: sums differ", k.name, p.rows, p.out, p.in)
			}
		})
	}
}

// The largest sums, of both signs, still hold; the least row of weights too many not.
func TestInt8LargestSums(t *testing.T) {
	const out, in = 5, maxDepth
	p := int8Case{rows: 3, out: out, in: in, x: make([]float32, 3*in), v: make([]int8, out*in), c: []float32{1, 1, 1, 1, 1}, bias: make([]float32, out)}
	for k := range in {
		p.x[k], p.x[in+k], p.x[2*in+k] = 1, -1, float32(k%2)-0.5
		for j := range out {
			p.v[j*in+k] = []int8{127, -127, 127, 1, 0}[j]
		}
	}
	p.check(t, NoActivation)
	if _, err := NewInt8(make([]int8, in+1), make([]float32, 1), 1, in+1); err == nil {
		t.Errorf("%d inputs are taken, of which sums overflow", in+1)
	}
}

// The int8 product comes as near to the product of the numbers as their rounding allows:
// half a step of the activations for each weight, half a step of the weights for each
// activation, and both at once.
func TestInt8IsNearTheProduct(t *testing.T) {
	const rows, out, in = 6, 20, 90
	x, w, bias := normals[float32](rows*in, 1), normals[float32](out*in, 2), normals[float32](out, 3)
	v, c, err := QuantizeWeights(w, out, in)
	if err != nil {
		t.Fatal(err)
	}
	got := int8Case{rows, out, in, x, v, c, bias, nil}.naive(NoActivation)
	want := make([]float64, rows*out)
	affineNaive(want, widen(x), widen(w), widen(bias), rows, out, in)
	for i, y := range want {
		_, s, _ := quantizeNaive(x[i/out*in:][:in])
		step, most := float64(c[i%out]), 1e-5
		for k := range in {
			a, b := math.Abs(float64(x[i/out*in+k])), math.Abs(float64(w[i%out*in+k]))
			most += float64(s)*b + step/2*a + float64(s)*step/2
		}
		if diff := math.Abs(float64(got[i]) - y); diff > most {
			t.Errorf("y[%d] = %g, want %g ± %g", i, got[i], y, most)
		}
	}
}

// Scales, zero points and bytes by the definition in exact rational arithmetic (Python's
// fractions): ties go to the even integer, and a row of zeros has the least scale.
func TestQuantizeNaive(t *testing.T) {
	for _, p := range []struct {
		x []float32
		s float32
		z int32
		u []uint8
	}{
		{[]float32{0, 0.5, 1.5, 2.5, 253.5, 254.5, 255}, 1, 0, []uint8{0, 0, 2, 2, 254, 254, 255}},
		{[]float32{-127.5, 127.5, -0.5, 0.5, 1.5}, 1, 128, []uint8{0, 255, 128, 128, 130}},
		{[]float32{0, 0, 0}, 0x1p-126, 0, []uint8{0, 0, 0}},
		{[]float32{-3}, 0x1.818182p-7, 255, []uint8{0}},
		{[]float32{-1, 2, 0.3}, 0x1.818184p-7, 85, []uint8{0, 255, 110}},
		{[]float32{-0.7, 1.9, 0.31, -0.02, 1.25}, 0x1.4e1ae8p-7, 69, []uint8{0, 255, 99, 67, 192}},
		{[]float32{math.MaxFloat32, -math.MaxFloat32}, 0x1.0101p+121, 128, []uint8{255, 0}},
	} {
		u, s, z := quantizeNaive(p.x)
		if s != p.s || z != p.z || !slices.Equal(u, p.u) {
			t.Errorf("%v: scale %x, zero point %d, bytes %d; want %x, %d, %d", p.x, s, z, u, p.s, p.z, p.u)
		}
	}
}

// A product by the definition, made as the values above.
func TestInt8Naive(t *testing.T) {
	x := []float32{0.3, -1.2, 0.7, 2, 5, 3.5}
	got := make([]float32, 4)
	int8Naive(got, x, []int8{127, -3, 40, -127, 55, 1}, []float32{0.01, 0.0078125}, []float32{0.5, -3}, 2, 2, 3)
	if want := []float32{0x1.31d4e8p+0, -0x1.e72108p+1, 0x1.124f1cp+2, -0x1.678282p+1}; !slices.Equal(got, want) {
		t.Errorf("y = %x, want %x", got, want)
	}
}

// A row is quantised alike by every kernel, wherever its length ends.
func TestQuantizeRows(t *testing.T) {
	eachInt8Kernel(func(k *int8Kernel) {
		for in := 1; in < 140; in++ {
			x := normals[float32](in, uint64(in))
			u, s, z := quantizeNaive(x)
			var q QuantizedRows
			q.Reset(k.matrix(make([]int8, in), make([]float32, 1), 1, in), 3)
			if !q.set(1, x, nil) || q.scales[1] != s || q.zeros[1] != z-k.offset {
				t.Fatalf("%s: %d elements: scale %g, zero point %d, want %g, %d", k.name, in, q.scales[1], q.zeros[1]+k.offset, s, z)
			}
			for i, want := range u {
				if got := q.data[q.ld+i*k.bytes] + byte(k.offset); got != want {
					t.Fatalf("%s: element %d of %d is %d, want %d", k.name, i, in, got, want)
				}
			}
		}
	})
}

// A row that is not finite is told, and reaches no other row.
func TestInt8NotFinite(t *testing.T) {
	const rows, out, in = 11, 5, 70
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		for at := range in {
			p := randomInt8(rows, out, in)
			want := p.naive(NoActivation)
			p.x[5*in+at] = bad
			p.x[9*in+at] = bad
			eachInt8Kernel(func(k *int8Kernel) {
				w, y := k.matrix(p.v, p.c, out, in), make([]float32, rows*out)
				var x QuantizedRows
				x.Reset(w, rows)
				if err := x.Quantize(p.x, nil); err != (NotFiniteRow{5}) {
					t.Fatalf("%s: %g at %d: error %v, want that of row 5", k.name, bad, at, err)
				}
				w.Multiply(y, &x, p.bias, FastGELU, nil)
				for i, v := range y {
					if row := i / out; (v != v) != (row == 5 || row == 9) || v == v && v != curveOf(curves[FastGELU], want[i]) {
						t.Fatalf("%s: %g at %d: y[%d,%d] = %g", k.name, bad, at, row, i%out, v)
					}
				}
			})
		}
	}
}

// Affine quantises by itself, in memory that products of other sizes have used.
func TestInt8Affine(t *testing.T) {
	nan := float32(math.NaN())
	eachInt8Kernel(func(k *int8Kernel) {
		for _, s := range [][3]int{{3, 9, 20}, {40, 70, 300}, {0, 9, 20}, {2, 5, 1500}, {40, 8, 10}, {7, 33, 65}} {
			p := randomInt8(s[0], s[1], s[2])
			want := p.naive(NoActivation)
			if p.rows > 2 {
				p.x[2*p.in] = nan
				for j := range p.out {
					want[2*p.out+j] = nan
				}
			}
			w, y := k.matrix(p.v, p.c, p.out, p.in), make([]float32, p.rows*p.out)
			if out, in := w.Shape(); out != p.out || in != p.in {
				t.Errorf("%s: shape (%d, %d), want (%d, %d)", k.name, out, in, p.out, p.in)
			}
			w.Affine(y, p.x, p.bias, p.rows, nil)
			same(t, k.name, y, want)
		}
	})
}

// Rows quantised for another matrix would be read past their end.
func TestInt8RowsOfAnotherMatrix(t *testing.T) {
	p, other := randomInt8(3, 4, 500), randomInt8(3, 4, 5)
	w, narrow := goInt8.matrix(p.v, p.c, 4, 500), goInt8.matrix(other.v, other.c, 4, 5)
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	var x QuantizedRows
	x.Reset(narrow, 3)
	w.Multiply(make([]float32, 12), &x, p.bias, NoActivation, nil)
}

// A slice computes its outputs, also where it does not begin or end with a panel.
func TestSliceOfInt8(t *testing.T) {
	p := randomInt8(5, 117, 40)
	want := p.naive(NoActivation)
	eachInt8Kernel(func(k *int8Kernel) {
		w := k.matrix(p.v, p.c, p.out, p.in)
		for _, c := range [][2]int{{0, 117}, {32, 64}, {64, 117}, {96, 117}, {0, 39}, {39, 117}, {1, 2}, {78, 111}} {
			n := c[1] - c[0]
			part, y := w.Slice(c[0], c[1]), make([]float32, p.rows*n)
			part.Affine(y, p.x, p.bias[c[0]:c[1]], p.rows, nil)
			for r := range p.rows {
				same(t, k.name, y[r*n:(r+1)*n], want[r*p.out+c[0]:r*p.out+c[1]])
			}
			if out, in := part.Shape(); out != n || in != p.in {
				t.Errorf("%s: outputs %v have the shape (%d, %d)", k.name, c, out, in)
			}
		}
	})
}

// A piece has few weights, or one panel, and whole panels, so that every piece begins
// with one.
func TestInt8Pieces(t *testing.T) {
	eachInt8Kernel(func(k *int8Kernel) {
		for _, s := range [][3]int{{1, 192, 768}, {141, 192, 768}, {1000, 192, 3072}, {1000, 192, 5000}, {1000, 40, 20000}} {
			w := k.matrix(make([]int8, s[1]*s[2]), make([]float32, s[1]), s[1], s[2])
			cols := w.pieceCols(s[0])
			if cols%k.cols != 0 || cols > k.cols && cols*w.depth > 512<<10 || cols < k.cols {
				t.Errorf("%s: %v: pieces of %d columns", k.name, s, cols)
			}
		}
	})
}

// Cores may share a product and many products may run at once, to the same bits.
func TestInt8Shared(t *testing.T) {
	for _, s := range [][3]int{{150, 300, 250}, {30, 300, 1200}, {300, 4, 2000}} {
		p := randomInt8(s[0], s[1], s[2])
		want := p.naive(NoActivation)
		eachInt8Kernel(func(k *int8Kernel) {
			var wait sync.WaitGroup
			for range 4 {
				wait.Go(func() {
					for range 3 {
						if !slices.Equal(p.run(t, k, NoActivation, Share), want) {
							t.Errorf("%s: results of %v differ", k.name, s)
						}
					}
				})
			}
			wait.Wait()
		})
	}
}

func TestInt8AllocatesNothing(t *testing.T) {
	p := randomInt8(20, 40, 70)
	eachInt8Kernel(func(k *int8Kernel) {
		w, y := k.matrix(p.v, p.c, p.out, p.in).Smoothed(slices.Repeat([]float32{2}, p.in)), make([]float32, p.rows*p.out)
		var x QuantizedRows
		work := make([]float32, p.in)
		f := func() {
			x.Reset(w, p.rows)
			for i := range p.rows {
				x.set(i, p.x[i*p.in:(i+1)*p.in], work)
			}
			piece := int8Product{w: w, x: &x, y: y, bias: p.bias, activation: FastGELU, to: p.out}
			piece.compute()
		}
		if n := testing.AllocsPerRun(50, f); n > 0 {
			t.Errorf("%s: %g allocations a product", k.name, n)
		}
	})
}

// FuzzInt8 holds every kernel against the definition: numbers of any kind and shape.
func FuzzInt8(f *testing.F) {
	f.Add(uint8(3), uint8(33), uint8(65), uint64(1), []byte{0, 0, 128, 63, 255, 255, 127, 127})
	f.Add(uint8(15), uint8(1), uint8(1), uint64(2), []byte{1, 0, 0, 0, 1, 0, 0, 128})
	f.Fuzz(func(t *testing.T, rows, out, in uint8, seed uint64, numbers []byte) {
		p := int8Case{rows: int(rows % 48), out: int(out) + 1, in: int(in) + 1}
		rng := rand.New(rand.NewPCG(seed, 1))
		number := func() float32 {
			at := rng.IntN(len(numbers)/4 + 1)
			if 4*at+4 > len(numbers) {
				return float32(rng.NormFloat64())
			}
			v := math.Float32frombits(uint32(numbers[4*at]) | uint32(numbers[4*at+1])<<8 | uint32(numbers[4*at+2])<<16 | uint32(numbers[4*at+3])<<24)
			if v-v != 0 {
				return 1
			}
			return v
		}
		p.x, p.v = make([]float32, p.rows*p.in), make([]int8, p.out*p.in)
		p.c, p.bias = make([]float32, p.out), make([]float32, p.out)
		for i := range p.x {
			p.x[i] = number()
		}
		for i := range p.v {
			p.v[i] = int8(rng.IntN(255) - 127)
		}
		for j := range p.out {
			p.c[j], p.bias[j] = number(), number()
		}
		p.check(t, Activation(seed%3))
	})
}

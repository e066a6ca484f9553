package kernel

import (
	"math"
	"testing"
)

// staticNaive is Static.Affine as the operators of ONNX define it: QuantizeLinear,
// DequantizeLinear of both sides, MatMul, Add, the sum being that of integers.
func (p int8Case) staticNaive(g Grid, factors []float32) []float32 {
	y := make([]float32, p.rows*p.out)
	for i := range p.rows {
		for j := range p.out {
			sum := 0
			for k := range p.in {
				x := p.x[i*p.in+k] * factors[k]
				u := max(0, min(255, math.RoundToEven(float64(x/g.Scale))+float64(g.Zero)))
				sum += (int(u) - int(g.Zero)) * int(p.v[j*p.in+k])
			}
			v := float32(float32(sum) * g.Scale)
			y[i*p.out+j] = float32(v*p.c[j]) + p.bias[j]
		}
	}
	return y
}

// Every kernel gives the bits of the definition on a grid that cuts some numbers off, whole
// and as a slice; a row with NaN or infinity is NaN and spoils no other.
func TestStatic(t *testing.T) {
	for _, s := range [][3]int{{1, 3, 5}, {13, 37, 71}, {15, 96, 192}, {150, 33, 65}} {
		p := randomInt8(s[0], s[1], s[2])
		factors := normals[float32](p.in, 5)
		for _, g := range []Grid{GridOf(-0.5, 2), GridOf(-1, -0.5), GridOf(0.5, 3), GridOf(0, 0)} {
			want := p.staticNaive(g, factors)
			eachInt8Kernel(func(k *int8Kernel) {
				w := k.matrix(p.v, p.c, p.out, p.in).Static(g, factors)
				from := p.out / 3
				y, part := make([]float32, p.rows*p.out), make([]float32, p.rows*(p.out-from))
				w.Affine(y, p.x, p.bias, p.rows, nil)
				w.Slice(from, p.out).Affine(part, p.x, p.bias[from:], p.rows, nil)
				for i, v := range want {
					if y[i] != v {
						t.Fatalf("%s, %v, %v: y[%d,%d] = %g, want %g", k.name, s, g, i/p.out, i%p.out, y[i], v)
					}
					if j := i%p.out - from; j >= 0 && part[i/p.out*(p.out-from)+j] != v {
						t.Fatalf("%s, %v, %v: y[%d,%d] of a slice = %g, want %g", k.name, s, g, i/p.out, i%p.out, part[i/p.out*(p.out-from)+j], v)
					}
				}
			})
		}
	}
}

func TestStaticRowsThatAreNotFinite(t *testing.T) {
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		p := randomInt8(3, 5, 7)
		factors := []float32{1, 1, 1, 1, 1, 1, 1}
		g := GridOf(-3, 3)
		want := p.staticNaive(g, factors)
		p.x[7+2] = bad
		y := make([]float32, 15)
		eachInt8Kernel(func(k *int8Kernel) {
			k.matrix(p.v, p.c, 5, 7).Static(g, factors).Affine(y, p.x, p.bias, 3, nil)
			for i, v := range y {
				if inside := i/5 == 1; inside != (v != v) || !inside && v != want[i] {
					t.Fatalf("%s, %g: y[%d,%d] = %g, want %g", k.name, bad, i/5, i%5, v, want[i])
				}
			}
		})
	}
}

// A grid includes 0, exactly, and its ends are the least and the greatest byte.
func TestGridOf(t *testing.T) {
	for _, c := range []struct {
		lo, hi float32
		want   Grid
	}{
		{-1, 1.55, Grid{0.01, 100}}, {1, 2.55, Grid{0.01, 0}}, {-2.55, -1, Grid{0.01, 255}}, {0, 0, Grid{leastScale, 0}},
		{-math.MaxFloat32, math.MaxFloat32, Grid{math.MaxFloat32 / 255 * 2, 128}},
	} {
		if got := GridOf(c.lo, c.hi); got.Zero != c.want.Zero || math.Abs(float64(got.Scale/c.want.Scale)-1) > 1e-6 {
			t.Errorf("from %g to %g: %v, want %v", c.lo, c.hi, got, c.want)
		}
	}
}

// The numbers of the integers are the weights within half a scale.
func TestFloats(t *testing.T) {
	const out, in = 37, 71
	w := normals[float32](out*in, 2)
	v, c, err := QuantizeWeights(w, out, in)
	if err != nil {
		t.Fatal(err)
	}
	eachInt8Kernel(func(k *int8Kernel) {
		for i, f := range k.matrix(v, c, out, in).Floats() {
			if f != float32(v[i])*c[i/in] || math.Abs(float64(f-w[i])) > 0.501*float64(c[i/in]) {
				t.Fatalf("%s: weight (%d, %d) is %g of %g", k.name, i/in, i%in, f, w[i])
			}
		}
	})
}

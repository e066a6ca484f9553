package kernel

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// affineNaive is Affine of Rows by its definition.
func affineNaive(y, x, w, bias []float64, rows, out, in int) {
	for i := range rows {
		for j := range out {
			sum := bias[j]
			for p := range in {
				sum += x[i*in+p] * w[j*in+p]
			}
			y[i*out+j] = sum
		}
	}
}

// backwards runs the last piece first: what comes of the pieces must not depend on it.
func backwards(n int, f func(i int)) {
	for i := range n {
		f(n - 1 - i)
	}
}

// A matrix of any layout is the naive product, whole and piece by piece; the last three
// are large enough for that.
func TestAffine(t *testing.T) {
	for _, s := range []struct{ rows, out, in int }{
		{1, 32, 5}, {13, 96, 40}, {15, 64, 800}, {29, 64, 1600}, {3, 33, 9}, {2, 7, 3}, {0, 32, 4},
		{3, 416, 1280}, {150, 224, 128}, {9, 401, 1200},
	} {
		x, w, bias := normals[float32](s.rows*s.in, 1), normals[float32](s.out*s.in, 2), normals[float32](s.out, 3)
		want := make([]float64, s.rows*s.out)
		affineNaive(want, widen(x), widen(w), widen(bias), s.rows, s.out, s.in)
		eachLevel(func() {
			rows := Rows[float32]{w, s.out, s.in}
			packed := Pack(Rows[float32]{slices.Clone(w), s.out, s.in})
			for _, m := range []Matrix[float32]{rows, packed} {
				for name, each := range map[string]Each{"alone": nil, "with help": Share, "backwards": backwards} {
					y := normals[float32](s.rows*s.out, 4)
					m.Affine(y, x, bias, s.rows, each)
					for i, v := range want {
						if diff := math.Abs(float64(y[i]) - v); !(diff <= 1e-6*(float64(s.in)+8)) {
							t.Fatalf("%v, %T, %s, %+v: y[%d,%d] = %g, want %g", level, m, name, s, i/s.out, i%s.out, y[i], v)
						}
					}
				}
			}
		})
	}
}

// Packing is in place and changes no bit of a product, nor does help.
func TestPackChangesNoBits(t *testing.T) {
	if Backend() == "openblas" {
		t.Skip("OpenBLAS multiplies what is not packed")
	}
	for _, s := range []struct{ rows, out, in int }{{27, 96, 1000}, {5, 416, 1280}, {4, 33, 7}} {
		eachLevel(func() {
			x, w, bias := normals[float32](s.rows*s.in, 1), normals[float32](s.out*s.in, 2), normals[float32](s.out, 3)
			want := make([]float32, s.rows*s.out)
			rows := Rows[float32]{w, s.out, s.in}
			rows.Affine(want, x, bias, s.rows, nil)
			packed := Pack(rows)
			if out, in := packed.Shape(); out != s.out || in != s.in {
				t.Errorf("%v, %+v: packed, the shape is (%d, %d)", level, s, out, in)
			}
			for _, each := range []Each{nil, Share, backwards} {
				y := normals[float32](len(want), 4)
				packed.Affine(y, x, bias, s.rows, each)
				if !slices.Equal(y, want) {
					t.Errorf("%v, %+v: the product of packed weights differs", level, s)
				}
			}
		})
	}
}

// What has no tiles of its width, and what verifies in float64, stays as it is.
func TestPackLeavesWhatHasNoTiles(t *testing.T) {
	eachLevel(func() {
		w := normals[float32](33*4, 1)
		old := slices.Clone(w)
		if _, ok := Pack(Rows[float32]{w, 33, 4}).(Rows[float32]); !ok || !slices.Equal(w, old) {
			t.Errorf("%v: packed a matrix of 33 rows", level)
		}
		wide, kept := normals[float64](32*4, 1), normals[float64](32*4, 1)
		if _, ok := Pack(Rows[float64]{wide, 32, 4}).(Rows[float64]); !ok || !slices.Equal(wide, kept) {
			t.Errorf("%v: packed a matrix of float64", level)
		}
		if packed := Pack(Rows[float32]{normals[float32](32*4, 1), 32, 4}); (level != scalar) != (fmt.Sprintf("%T", packed) == "kernel.panelRows") {
			t.Errorf("%v: 32 rows are packed as a %T", level, packed)
		}
	})
}

// A slice computes its outputs, and there is none where panels do not part.
func TestSliceOfMatrix(t *testing.T) {
	const rows, out, in = 3, 96, 11
	x, w, bias := normals[float32](rows*in, 1), normals[float32](out*in, 2), normals[float32](out, 3)
	whole := make([]float32, rows*out)
	Rows[float32]{w, out, in}.Affine(whole, x, bias, rows, nil)
	eachLevel(func() {
		for _, m := range []Matrix[float32]{Rows[float32]{w, out, in}, Pack(Rows[float32]{slices.Clone(w), out, in})} {
			for _, c := range [][2]int{{0, 96}, {32, 64}, {64, 96}} {
				part := m.Slice(c[0], c[1])
				n := c[1] - c[0]
				if o, i := part.Shape(); o != n || i != in {
					t.Fatalf("%v, %T: outputs %v have the shape (%d, %d)", level, m, c, o, i)
				}
				y := make([]float32, rows*n)
				part.Affine(y, x, bias[c[0]:c[1]], rows, nil)
				for r := range rows {
					for j := range n {
						if want := float64(whole[r*out+c[0]+j]); math.Abs(float64(y[r*n+j])-want) > 1e-5 {
							t.Fatalf("%v, %T: outputs %v, y[%d,%d] = %g, want %g", level, m, c, r, j, y[r*n+j], want)
						}
					}
				}
			}
			if _, plain := m.(Rows[float32]); !plain && (m.Slice(0, 40) != nil || m.Slice(40, 96) != nil) {
				t.Errorf("%v: panels part within one", level)
			}
		}
	})
}

// A watched matrix, and a part of it, is the matrix, and shows the rows that it reads.
func TestWatched(t *testing.T) {
	const rows, out, in = 3, 64, 5
	x, w, bias := normals[float32](4*in, 1), normals[float32](out*in, 2), normals[float32](out, 3)
	var seen []float32
	m := Watched[float32]{Rows[float32]{w, out, in}, func(x []float32) { seen = append(seen, x...) }}
	want, got := make([]float32, rows*out), make([]float32, rows*out)
	m.Matrix.Affine(want, x, bias, rows, nil)
	m.Affine(got, x, bias, rows, nil)
	part := make([]float32, rows*2)
	m.Slice(7, 9).Affine(part, x, bias[7:9], rows, nil)
	if !slices.Equal(got, want) || part[0] != want[7] || part[3] != want[out+8] {
		t.Error("watched, a product is another")
	}
	if !slices.Equal(seen, slices.Concat(x[:rows*in], x[:rows*in])) {
		t.Errorf("saw %v", seen)
	}
	packed := Watched[float32]{Pack(Rows[float32]{w, out, in}), nil}
	if _, panels := packed.Matrix.(panelRows); panels && packed.Slice(1, 3) != nil {
		t.Error("parts where its matrix does not")
	}
}

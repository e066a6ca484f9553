package layers

import (
	"math"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/model/arch"
)

// tensors are weights by name.
type tensors map[string][]float64

func (w tensors) Span(first, _ string) []float64 { return w[first] }

func (w tensors) Matrix(_, _ arch.Linear) kernel.Matrix[float64] { return nil }

func (w tensors) Table(string) *kernel.Int8Table[float64] { return nil }

// eightBits are weights of one product, in 8 bits or not.
type eightBits struct{ matrix kernel.Matrix[float32] }

func (w eightBits) Span(string, string) []float32 { return nil }

func (w eightBits) Matrix(first, last arch.Linear) kernel.Matrix[float32] {
	if first.Name != "query" || last.Name != "value" {
		return nil
	}
	return w.matrix
}

func (w eightBits) Table(string) *kernel.Int8Table[float32] { return nil }

// coarse is weights of 8 bits on a machine that multiplies bfloat16, or does not.
type coarse struct {
	kernel.Rows[float32]
	pays bool
}

func (c coarse) Coarse() bool { return c.pays }

// ran runs what a builder has built for a value, which stays readable.
func ran[T kernel.Float](t *testing.T, b *Builder[T], y *ops.Node) {
	t.Helper()
	if b.Err() != nil {
		t.Fatal(b.Err())
	}
	machine, err := ops.Plan[T](b.Graph, nil, y)
	if err != nil {
		t.Fatal(err)
	}
	machine.Run()
}

// Heads read bfloat16 where Q, K and V come from 8 bits and the processor multiplies them.
func TestHeadsOf8BitsRound(t *testing.T) {
	int8, err := kernel.NewInt8(make([]int8, 6), make([]float32, 3), 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	rows := kernel.Rows[float32]{Data: make([]float32, 6), Out: 3, In: 2}
	a := &arch.Attention{Query: arch.Linear{Name: "query"}, Key: arch.Linear{Name: "key"}, Value: arch.Linear{Name: "value"}}
	for _, tt := range []struct {
		matrix kernel.Matrix[float32]
		want   bool
	}{{int8, kernel.BF16Pays()}, {coarse{rows, true}, true}, {coarse{rows, false}, false}, {rows, false}, {nil, false}} {
		b := NewBuilder(eightBits{tt.matrix}, kernel.Exact[float32]{}, &ops.Batch{}, 2, false)
		if got := b.rounds(a); got != tt.want {
			t.Errorf("heads of %T round: %v, want %v", tt.matrix, got, tt.want)
		}
	}
}

// What attention computes tells whether its heads round.
func TestSelfAttentionRounds(t *testing.T) {
	const n, h = 6, 8
	draw := func(size int, step float64) []float32 {
		x := make([]float32, size)
		for i := range x {
			x[i] = float32(math.Sin(float64(i) * step))
		}
		return x
	}
	linear := func(name string) arch.Linear { return arch.Linear{Name: name, In: h, Out: h, NoBias: true} }
	a := &arch.Attention{Heads: 2, Query: linear("query"), Key: linear("key"), Value: linear("value")}
	run := func(m kernel.Matrix[float32]) []float32 {
		in := &ops.Layout{}
		in.Add(n, n, n)
		b := NewBuilder(eightBits{m}, kernel.Exact[float32]{}, &ops.Batch{}, n, false)
		y := b.SelfAttention(a, b.Input("x", draw(n*h, 0.7), n, h), Dense[float32](in))
		ran(t, b, y)
		return slices.Clone(ops.Values[float32](y))
	}
	rows := kernel.Rows[float32]{Data: draw(3*h*h, 0.3), Out: 3 * h, In: h}
	exact := run(rows)
	if !slices.Equal(run(coarse{rows, false}), exact) {
		t.Error("heads round where that does not pay")
	}
	if slices.Equal(run(coarse{rows, true}), exact) {
		t.Error("heads do not round")
	}
}

// Of each sequence one word-vector is left out, by its rank, and never [CLS], whatever it is
// worth: over all ranks each of the others once.
func TestLeaveOneOutSparesCLS(t *testing.T) {
	const n, h = 6, 8
	in, x := &ops.Layout{}, make([]float64, n*h)
	in.Add(n, n, n)
	for i := range x {
		x[i] = math.Sin(float64(i) * 0.7)
	}
	weights := tensors{"p.weight": make([]float64, 3*h*h)}
	for i := range weights["p.weight"] {
		weights["p.weight"][i] = math.Sin(float64(i) * 0.3)
	}
	part := arch.Linear{Name: "p", In: h, Out: h, NoBias: true}
	gone := make([]int, n)
	for k := 1; k < n; k++ {
		b := NewBuilder(weights, kernel.Exact[float64]{}, &ops.Batch{}, n, false)
		sel := LeaveOneOut[float64](in, k, "")
		y := b.SelfAttention(&arch.Attention{Heads: 2, Query: part, Key: part, Value: part}, b.Input("x", x, n, h), sel)
		ran(t, b, y)
		for at := range int32(n) {
			if !slices.Contains(sel.Kept, at) {
				gone[at]++
			}
		}
	}
	if !slices.Equal(gone, []int{0, 1, 1, 1, 1, 1}) {
		t.Errorf("left out are, by position, %v times", gone)
	}
}

// The first error sticks: what is built on it is nil, and does not replace it.
func TestFirstErrorSticks(t *testing.T) {
	weights := tensors{"a.weight": make([]float64, 12), "a.bias": make([]float64, 4), "short.weight": make([]float64, 11), "short.bias": make([]float64, 4)}
	b := NewBuilder(weights, kernel.Exact[float64]{}, &ops.Batch{}, 2, false)
	x := b.Input("x", make([]float64, 6), 2, 3)
	if y := b.Linear(x, arch.Linear{Name: "a", In: 3, Out: 4}); y == nil || b.Err() != nil {
		t.Fatalf("a layer whose tensors fit is %v, error %v", y, b.Err())
	}
	const want = `model: tensors "short.weight" to "short.weight" hold 11 values, want [4 3]`
	layers := map[string]func() *ops.Node{
		"Linear":    func() *ops.Node { return b.Linear(x, arch.Linear{Name: "short", In: 3, Out: 4}) },
		"a fitting": func() *ops.Node { return b.Linear(x, arch.Linear{Name: "a", In: 3, Out: 4}) },
		"LayerNorm": func() *ops.Node { return b.LayerNorm(x, arch.Norm{Name: "none", Width: 3, Eps: 1e-12}) },
		"Dropout":   func() *ops.Node { return b.Dropout(x, 0.1) },
		"Encoder": func() *ops.Node {
			return b.Encoder(&arch.Block{}, x, Dense[float64](&ops.Layout{}), nil).Output
		},
		"Transform": func() *ops.Node { return b.Transform(x, &arch.Head{}) },
	}
	layers["Linear"]()
	for name, add := range layers {
		if y := add(); y != nil || b.Err() == nil || b.Err().Error() != want {
			t.Errorf("%s after an error is %v, error %v, want none and %q", name, y, b.Err(), want)
		}
	}
}

// frozen is weights of one linear layer that do not change.
type frozen struct{ tensors }

func (frozen) Matrix(_, _ arch.Linear) kernel.Matrix[float64] {
	return kernel.Rows[float64]{Data: make([]float64, 12), Out: 4, In: 3}
}

// An error of an op sticks as well: weights that do not fit what comes in.
func TestErrorOfAnOpSticks(t *testing.T) {
	weights := frozen{tensors{"a.bias": make([]float64, 4)}}
	b := NewBuilder[float64](weights, kernel.Exact[float64]{}, &ops.Batch{}, 2, false)
	layer := arch.Linear{Name: "a", In: 3, Out: 4}
	if y := b.Linear(b.Input("fits", make([]float64, 6), 2, 3), layer); y == nil || b.Err() != nil {
		t.Fatalf("a layer that fits is %v, error %v", y, b.Err())
	}
	const want = "affine: x has 5 columns, want 3 as the weights"
	wide := b.Input("wide", make([]float64, 10), 2, 5)
	for range 2 {
		if y := b.Linear(wide, layer); y != nil || b.Err() == nil || b.Err().Error() != want {
			t.Errorf("a layer that does not fit is %v, error %v, want none and %q", y, b.Err(), want)
		}
	}
}

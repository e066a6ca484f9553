package gradcheck

import (
	"math"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// always is a factor for every element.
func always(factor float64) func(int) float64 { return func(int) float64 { return factor } }

// cube is x³; wrong gives the factor by which the gradient of an element errs.
func cube(wrong func(element int) float64) func(in []*G.Node) (*G.Node, error) {
	return func(in []*G.Node) (*G.Node, error) {
		x := in[0]
		forward := func(in []G.Value) G.Value {
			return mapped(in[0], func(x float64) float64 { return x * x * x })
		}
		backward := func(in []G.Value) G.Value {
			i, dy := 0, floats(in[0])
			return mapped(in[1], func(x float64) float64 { i++; return wrong(i-1) * 3 * x * x * dy[i-1] })
		}
		return apply(node{name: "cube", shape: x.Shape(), do: forward, grad: func(in G.Nodes, dout *G.Node) (G.Nodes, error) {
			dx, err := apply(node{name: "cube.dx", shape: x.Shape(), do: backward}, dout, in[0])
			return G.Nodes{dx}, err
		}}, x)
	}
}

func mapped(v G.Value, f func(float64) float64) G.Value {
	in := floats(v)
	out := make([]float64, len(in))
	for i, x := range in {
		out[i] = f(x)
	}
	return dense(out, v.Shape())
}

func TestCheckPassesTheRightGradientOfRaggedBatches(t *testing.T) {
	rows := 0
	var batches []func()
	for _, n := range []int{4, 7, 2} {
		batches = append(batches, func() { rows = n })
	}
	Check(t, Op{
		Inputs:  []Input{{Name: "x", Shape: []int{7, 3}, Rows: func() int { return rows }}},
		Build:   cube(always(1)),
		Batches: batches,
		Seed:    5,
	})
}

func TestCheckFindsAWrongGradient(t *testing.T) {
	once := func(i int) float64 {
		if i == 5 {
			return math.NaN()
		}
		return 1
	}
	for i, wrong := range []func(int) float64{always(0), always(0.999), always(-1), always(1e30), once} {
		found, err := Op{Inputs: []Input{{Name: "x", Shape: []int{4, 3}}}, Build: cube(wrong)}.Compare()
		if err != nil {
			t.Fatal(err)
		}
		if found.Error <= 1e-4 {
			t.Errorf("wrong gradient %d: %v passes", i, found)
		}
		if found.Input != "x" || len(found.Index) != 2 {
			t.Errorf("wrong gradient %d: %v names no element of x", i, found)
		}
	}
}

// A plain sum as cotangent would not tell a gradient from one with rows swapped.
func TestCheckFindsSwappedElements(t *testing.T) {
	build := func(in []*G.Node) (*G.Node, error) {
		x := in[0]
		same := func(in []G.Value) G.Value { return in[0] }
		reversed := func(in []G.Value) G.Value {
			dy := floats(in[0])
			i := len(dy)
			return mapped(in[0], func(float64) float64 { i--; return dy[i] })
		}
		return apply(node{name: "same", shape: x.Shape(), do: same, grad: func(_ G.Nodes, dout *G.Node) (G.Nodes, error) {
			dx, err := apply(node{name: "same.dx", shape: x.Shape(), do: reversed}, dout)
			return G.Nodes{dx}, err
		}}, x)
	}
	found, err := Op{Inputs: []Input{{Name: "x", Shape: []int{3, 2}}}, Build: build}.Compare()
	if err != nil {
		t.Fatal(err)
	}
	if found.Error < 0.01 {
		t.Errorf("%v passes", found)
	}
}

// An operation that adds to its buffer without clearing it is right once.
func TestCheckRunsEachBatchTwice(t *testing.T) {
	kept := make([]float64, 6)
	build := func(in []*G.Node) (*G.Node, error) {
		x := in[0]
		same := func(in []G.Value) G.Value { return in[0] }
		added := func(in []G.Value) G.Value {
			for i, v := range floats(in[0]) {
				kept[i] += v
			}
			return dense(kept, in[0].Shape())
		}
		return apply(node{name: "same", shape: x.Shape(), do: same, grad: func(_ G.Nodes, dout *G.Node) (G.Nodes, error) {
			dx, err := apply(node{name: "stale.dx", shape: x.Shape(), do: added}, dout)
			return G.Nodes{dx}, err
		}}, x)
	}
	_, err := Op{Inputs: []Input{{Name: "x", Shape: []int{3, 2}}}, Build: build}.Compare()
	if err == nil || !strings.Contains(err.Error(), "runs again") {
		t.Errorf("got error %v, want one about the second run", err)
	}
}

func TestCheckTakesScalarsConstantsAndGivenData(t *testing.T) {
	weight := []float64{1, -2, 4}
	build := func(in []*G.Node) (*G.Node, error) {
		dot := func(in []G.Value) G.Value {
			x, w := floats(in[0]), floats(in[1])
			return G.NewF64(x[0]*w[0] + x[1]*w[1] + x[2]*w[2])
		}
		scaled := func(in []G.Value) G.Value {
			dy := floats(in[0])[0]
			return mapped(in[1], func(w float64) float64 { return dy * w })
		}
		return apply(node{name: "dot", shape: tensor.ScalarShape(), do: dot, grad: func(in G.Nodes, dout *G.Node) (G.Nodes, error) {
			dx, err := apply(node{name: "dot.dx", shape: in[0].Shape(), do: scaled}, dout, in[1])
			return G.Nodes{dx, nil}, err
		}}, in...)
	}
	Check(t, Op{
		Inputs: []Input{{Name: "x", Shape: []int{3}}, {Name: "w", Shape: []int{3}, Data: weight, Constant: true}},
		Build:  build,
	})
}

// x³ and c·3x², both by hand; the cotangent of the last element is left out.
func TestEvaluate(t *testing.T) {
	got := Evaluate(t, cube(always(1)), []float64{1, -0.5}, Value[float64]{[]float64{2, -3, 7}, []int{3}})
	Close(t, "y", got.Y, []float64{8, -27, 343}, 0)
	Close(t, "dx", got.Grads[0], []float64{12, -13.5, 0}, 0)
}

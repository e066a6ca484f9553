// Package gradcheck checks gorgonia operations in tests, in two ways that need
// each other: central differences find a gradient that does not belong to the
// forward pass, golden tensors (PyTorch, float64) find a forward pass that is
// wrong together with its gradient.
//
//	gradcheck.Check(t, gradcheck.Op{
//		Inputs: []gradcheck.Input{{Name: "x", Shape: []int{9, 5}, Rows: batch.Rows}},
//		Build:  func(in []*G.Node) (*G.Node, error) { return ops.GELU[float64](in[0]) },
//	})
//
//	ops := gradcheck.Golden(t, "ops").Sub("gelu")
//	gradcheck.Match(t, ops, "y", got, gradcheck.Tolerance64)
//
// testdata/README.md names every golden tensor; testdata/golden.py makes them.
package gradcheck

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Worst is the largest relative error that Check lets pass. A right gradient of
// a function of moderate values comes within about 1e-8 of its central
// differences; a wrong one is rarely within 1e-3.
const Worst = 1e-6

// Op is an operation to be checked: one output node made from float64 inputs.
type Op struct {
	Inputs []Input

	// Build makes the output node, of any shape, from one node per input. It
	// is called once, however many batches are checked.
	Build func(in []*G.Node) (*G.Node, error)

	// Batches set the operation's state (ids, lengths) to one batch after
	// another, all run through one graph: buffers that an operation keeps must
	// not let a batch see its predecessors. None: one run without a call.
	Batches []func()

	Seed uint64 // of the inputs and the cotangent
}

// Input is one input of an operation, differentiated unless Constant is set.
type Input struct {
	Name     string
	Shape    []int      // as the graph declares it: (rows, cols) or (n)
	Rows     func() int // rows at run time, at most Shape[0]; nil: all
	Data     []float64  // Shape's elements; nil: drawn anew for each batch
	Constant bool
}

// Report is the worst disagreement that a check found: the gradient Got and the
// central difference Want of one element of an input, Error apart relative to the
// largest central difference of that input (1e-2 if that is smaller).
type Report struct {
	Error     float64
	Batch     int
	Input     string
	Index     []int
	Got, Want float64
}

// String is the report in words.
func (r Report) String() string {
	return fmt.Sprintf("batch %d, d%s%v: got %.10g, want %.10g (central difference), relative error %.1e",
		r.Batch, r.Input, r.Index, r.Got, r.Want, r.Error)
}

// Check fails the test if a gradient of op is further than Worst from its central
// differences under a random cotangent.
func Check(t testing.TB, op Op) {
	t.Helper()
	worst, err := op.Compare()
	if err != nil {
		t.Fatal(err)
	}
	if worst.Error > Worst {
		t.Errorf("%v, allowed %.0e", worst, Worst)
	}
}

// Compare finds the worst disagreement between gorgonia's gradients of
// Σ c∘op(inputs), with a random cotangent c, and central differences, over all
// batches and inputs. Every batch runs twice: its gradients must be the same
// bits again.
func (op Op) Compare() (Report, error) {
	graph, err := op.graph()
	if err != nil {
		return Report{}, err
	}
	defer graph.machine.Close()
	batches := op.Batches
	if len(batches) == 0 {
		batches = []func(){func() {}}
	}
	var worst Report
	for i, set := range batches {
		set()
		found, err := graph.compare()
		if err != nil {
			return Report{}, fmt.Errorf("batch %d: %w", i, err)
		}
		found.Batch = i
		if worst.Input == "" || found.Error > worst.Error {
			worst = found
		}
	}
	return worst, nil
}

// graph is an operation as a compiled gorgonia graph with its gradients.
type graph struct {
	op      Op
	machine G.VM
	values  [][]float64 // of each input, live
	loss    G.Value
	grads   []G.Value // per input; nil for constants
	draw    *rand.Rand
}

func (op Op) graph() (*graph, error) {
	g := &graph{op: op, draw: generator(op.Seed), grads: make([]G.Value, len(op.Inputs))}
	expressions := G.NewGraph()
	leaves, ragged := make(G.Nodes, len(op.Inputs)), make(G.Nodes, len(op.Inputs))
	for i, in := range op.Inputs {
		data := make([]float64, tensor.Shape(in.Shape).TotalSize())
		g.values = append(g.values, data)
		leaves[i] = G.NewTensor(expressions, tensor.Float64, len(in.Shape), G.WithName(in.Name),
			G.WithShape(in.Shape...), G.WithValue(tensor.New(tensor.WithShape(in.Shape...), tensor.WithBacking(data))))
		var err error
		if ragged[i], err = firstRows(leaves[i], in.Rows); err != nil {
			return nil, err
		}
	}
	y, err := op.Build(ragged)
	if err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	return g, g.differentiate(expressions, leaves, y)
}

func (g *graph) differentiate(expressions *G.ExprGraph, leaves G.Nodes, y *G.Node) error {
	loss, err := weigh(y, func(n int) []float64 { return cotangent(g.op.Seed+1, n) })
	if err != nil {
		return err
	}
	G.Read(loss, &g.loss)
	var wrt G.Nodes
	var into []*G.Value
	for i, in := range g.op.Inputs {
		if !in.Constant {
			wrt, into = append(wrt, leaves[i]), append(into, &g.grads[i])
		}
	}
	grads, err := G.Grad(loss, wrt...)
	if err != nil {
		return fmt.Errorf("gradient: %w", err)
	}
	for i, n := range grads {
		G.Read(n, into[i])
	}
	g.machine = G.NewTapeMachine(expressions)
	return nil
}

// fill gives every input its values for the next batch.
func (g *graph) fill() {
	for i, in := range g.op.Inputs {
		if in.Data != nil {
			copy(g.values[i], in.Data)
			continue
		}
		for j := range g.values[i] {
			g.values[i][j] = g.draw.NormFloat64()
		}
	}
}

func (g *graph) run() (float64, error) {
	g.machine.Reset()
	if err := g.machine.RunAll(); err != nil {
		return 0, fmt.Errorf("run: %w", err)
	}
	return g.loss.Data().(float64), nil
}

// gradients runs the graph and copies its gradients.
func (g *graph) gradients() ([][]float64, error) {
	if _, err := g.run(); err != nil {
		return nil, err
	}
	out := make([][]float64, len(g.grads))
	for i, v := range g.grads {
		if v == nil {
			continue
		}
		if got, want := v.Shape().TotalSize(), len(g.values[i]); got != want {
			return nil, fmt.Errorf("gradient of %s has %d elements, want %d", g.op.Inputs[i].Name, got, want)
		}
		out[i] = slices.Clone(v.Data().([]float64))
	}
	return out, nil
}

func (g *graph) compare() (worst Report, err error) {
	g.fill()
	got, err := g.gradients()
	if err != nil {
		return worst, err
	}
	again, err := g.gradients()
	if err != nil {
		return worst, err
	}
	for i, in := range g.op.Inputs {
		if in.Constant {
			continue
		}
		if !slices.EqualFunc(got[i], again[i], sameBits) {
			return worst, fmt.Errorf("gradient of %s differs when the same batch runs again", in.Name)
		}
		want, err := g.differences(i)
		if err != nil {
			return worst, err
		}
		if found := disagreement(in, got[i], want); worst.Input == "" || found.Error > worst.Error {
			worst = found
		}
	}
	return worst, nil
}

func sameBits(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }

// differences are the central differences of the loss by the elements of input i.
func (g *graph) differences(i int) ([]float64, error) {
	var failed error
	x := slices.Clone(g.values[i])
	loss := func(moved []float64) float64 {
		copy(g.values[i], moved)
		l, err := g.run()
		if err != nil && failed == nil {
			failed = err
		}
		return l
	}
	want := fd.Gradient(nil, loss, x, &fd.Settings{Formula: fd.Central})
	copy(g.values[i], x)
	return want, failed
}

// disagreement is the element of an input where got is furthest from want.
func disagreement(in Input, got, want []float64) Report {
	scale := 1e-2
	for _, w := range want {
		scale = max(scale, math.Abs(w))
	}
	worst := Report{Input: in.Name}
	for i := range got {
		if e := apart(got[i], want[i], scale); worst.Index == nil || e > worst.Error {
			worst = Report{Error: e, Input: in.Name, Index: position(in.Shape, i), Got: got[i], Want: want[i]}
		}
	}
	return worst
}

// apart is |got − want| / scale, infinite if that is no number.
func apart(got, want, scale float64) float64 {
	if e := math.Abs(got-want) / scale; !math.IsNaN(e) {
		return e
	}
	return math.Inf(1)
}

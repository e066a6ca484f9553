package gradcheck

import (
	"fmt"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
)

// Value is an input of an operation that is evaluated, row-major.
type Value[T float32 | float64] struct {
	Data  []T
	Shape []int
}

// ValueOf is a golden tensor as an input.
func ValueOf[T float32 | float64](t testing.TB, c Case, name string) Value[T] {
	t.Helper()
	return Value[T]{Cast[T](t, c, name), c.Tensor(t, name).Shape}
}

// Result is an operation's output, and its gradients in the order of its inputs.
type Result[T float32 | float64] struct {
	Y     []T
	Grads [][]T
}

// MatchOp fails the test unless an operation of the golden tensors of these names
// makes the golden y and, under the cotangent dy, their gradients dNAME.
func MatchOp[T float32 | float64](t testing.TB, c Case, inputs []string, build func(in []*G.Node) (*G.Node, error)) {
	t.Helper()
	var in []Value[T]
	for _, name := range inputs {
		in = append(in, ValueOf[T](t, c, name))
	}
	got := Evaluate(t, build, Cast[T](t, c, "dy"), in...)
	Match(t, c, "y", got.Y, Tolerance[T]())
	for i, name := range inputs {
		Match(t, c, "d"+name, got.Grads[i], Tolerance[T]())
	}
}

// Evaluate runs an operation and its gradients under the cotangent dy; elements of
// the output beyond dy weigh nothing.
func Evaluate[T float32 | float64](t testing.TB, build func(in []*G.Node) (*G.Node, error), dy []T, inputs ...Value[T]) Result[T] {
	t.Helper()
	r, err := evaluate(build, dy, inputs)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func evaluate[T float32 | float64](build func(in []*G.Node) (*G.Node, error), dy []T, inputs []Value[T]) (r Result[T], err error) {
	g := G.NewGraph()
	var leaves G.Nodes
	for i, in := range inputs {
		leaves = append(leaves, leaf(g, fmt.Sprint("input ", i), in))
	}
	y, err := build(leaves)
	if err != nil {
		return r, err
	}
	values := make([]G.Value, len(inputs)+1)
	G.Read(y, &values[0])
	weighed, err := weigh(y, func(n int) []T { return append(slices.Clone(dy), make([]T, n)...)[:n] })
	if err != nil {
		return r, err
	}
	grads, err := G.Grad(weighed, leaves...)
	if err != nil {
		return r, err
	}
	for i, n := range grads {
		G.Read(n, &values[i+1])
	}
	return run[T](g, values)
}

// run runs a graph whose values are read: y and the gradients.
func run[T float32 | float64](g *G.ExprGraph, values []G.Value) (r Result[T], err error) {
	m := G.NewTapeMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		return r, err
	}
	r.Y = elements[T](values[0])
	for _, v := range values[1:] {
		r.Grads = append(r.Grads, elements[T](v))
	}
	return r, nil
}

// leaf makes the node of an input over its memory.
func leaf[T float32 | float64](g *G.ExprGraph, name string, v Value[T]) *G.Node {
	data := dense(v.Data, v.Shape)
	return G.NewTensor(g, data.Dtype(), len(v.Shape), G.WithName(name), G.WithShape(v.Shape...), G.WithValue(data))
}

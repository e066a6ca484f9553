package ops

import (
	"github.com/powerbert/powerbert/internal/kernel"
)

// GELU is the Gaussian error linear unit in its exact erf form,
// y = x·Φ(x), element by element.
func GELU[T kernel.Float](x *Node) (*Node, error) {
	return apply("gelu", &gelu[T]{}, x.Shape(), []bool{true}, x)
}

type gelu[T kernel.Float] struct{ tanh bool } // in its tanh form

func (g *gelu[T]) compute(in []Mat[T], m *memory[T]) Mat[T] {
	y := m.mat(in[0].Rows, in[0].Cols)
	f := kernel.GELU[T]
	if g.tanh {
		f = kernel.GELUTanh[T]
	}
	m.work.rows(y.Rows, y.Cols, func(from, to int) {
		f(y.Data[from*y.Cols:to*y.Cols], in[0].Data[from*y.Cols:to*y.Cols])
	})
	return y
}

func (g *gelu[T]) gradient(in Nodes, _, dy *Node) (Nodes, error) {
	dx, err := apply("gelu.dx", &geluDX[T]{g.tanh}, in[0].Shape(), nil, dy, in[0])
	return Nodes{dx}, err
}

type geluDX[T kernel.Float] struct{ tanh bool }

func (g *geluDX[T]) compute(in []Mat[T], m *memory[T]) Mat[T] {
	dx := m.mat(in[0].Rows, in[0].Cols)
	if g.tanh {
		kernel.GELUTanhGrad(dx.Data, in[0].Data, in[1].Data)
	} else {
		kernel.GELUGrad(dx.Data, in[0].Data, in[1].Data)
	}
	return dx
}

// GELUTanh is GELU in its tanh form, y = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))),
// element by element.
func GELUTanh[T kernel.Float](x *Node) (*Node, error) {
	return apply("gelu_tanh", &gelu[T]{tanh: true}, x.Shape(), []bool{true}, x)
}

// Tanh is the hyperbolic tangent, element by element.
func Tanh[T kernel.Float](x *Node) (*Node, error) {
	return apply("tanh", &tanh[T]{}, x.Shape(), []bool{true}, x)
}

type tanh[T kernel.Float] struct{}

func (t *tanh[T]) compute(in []Mat[T], m *memory[T]) Mat[T] {
	y := m.mat(in[0].Rows, in[0].Cols)
	kernel.Tanh(y.Data, in[0].Data)
	return y
}

func (t *tanh[T]) gradient(in Nodes, y, dy *Node) (Nodes, error) {
	dx, err := apply("tanh.dx", &tanhDX[T]{}, in[0].Shape(), nil, dy, y)
	return Nodes{dx}, err
}

// tanhDX is dx = dy·(1 − y²).
type tanhDX[T kernel.Float] struct{}

func (t *tanhDX[T]) compute(in []Mat[T], m *memory[T]) Mat[T] {
	dy, y := in[0], in[1]
	dx := m.mat(y.Rows, y.Cols)
	for i, v := range y.Data {
		dx.Data[i] = dy.Data[i] * (1 - v*v)
	}
	return dx
}

package ops

import (
	"github.com/powerbert/powerbert/internal/kernel"
)

// GELU is the Gaussian error linear unit in its exact erf form,
// y = x·Φ(x), element by element.
func GELU[T kernel.Float](x *Node) (*Node, error) {
	return Apply("gelu", &unit[T]{kernel.GELU[T], kernel.GELUGrad[T]}, x.Shape(), x)
}

// unit is a function of each element whose gradient reads its input.
type unit[T kernel.Float] struct {
	f    func(y, x []T)
	grad func(dx, dy, x []T)
}

func (u *unit[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	y := m.Mat(in[0].Rows, in[0].Cols)
	m.work.rows(y.Rows, y.Cols, func(from, to int) {
		u.f(y.Data[from*y.Cols:to*y.Cols], in[0].Data[from*y.Cols:to*y.Cols])
	})
	return y
}

func (u *unit[T]) Gradient(in Nodes, _, dy *Node) (Nodes, error) {
	dx, err := Apply("unit.dx", &unitDX[T]{u.grad}, in[0].Shape(), dy, in[0])
	return Nodes{dx}, err
}

type unitDX[T kernel.Float] struct{ grad func(dx, dy, x []T) }

func (u *unitDX[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	dx := m.Mat(in[0].Rows, in[0].Cols)
	u.grad(dx.Data, in[0].Data, in[1].Data)
	return dx
}

// GELUTanh is GELU in its tanh form, y = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))),
// element by element.
func GELUTanh[T kernel.Float](x *Node) (*Node, error) {
	return Apply("gelu_tanh", &unit[T]{kernel.GELUTanh[T], kernel.GELUTanhGrad[T]}, x.Shape(), x)
}

// ReLU is max(x, 0), element by element.
func ReLU[T kernel.Float](x *Node) (*Node, error) {
	return Apply("relu", &unit[T]{kernel.ReLU[T], kernel.ReLUGrad[T]}, x.Shape(), x)
}

// SiLU is x·σ(x), element by element.
func SiLU[T kernel.Float](x *Node) (*Node, error) {
	return Apply("silu", &unit[T]{kernel.SiLU[T], kernel.SiLUGrad[T]}, x.Shape(), x)
}

// Tanh is the hyperbolic tangent, element by element.
func Tanh[T kernel.Float](x *Node) (*Node, error) {
	return Apply("tanh", &tanh[T]{}, x.Shape(), x)
}

type tanh[T kernel.Float] struct{}

func (t *tanh[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	y := m.Mat(in[0].Rows, in[0].Cols)
	kernel.Tanh(y.Data, in[0].Data)
	return y
}

func (t *tanh[T]) Gradient(in Nodes, y, dy *Node) (Nodes, error) {
	dx, err := Apply("tanh.dx", &tanhDX[T]{}, in[0].Shape(), dy, y)
	return Nodes{dx}, err
}

// tanhDX is dx = dy·(1 − y²).
type tanhDX[T kernel.Float] struct{}

func (t *tanhDX[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	dy, y := in[0], in[1]
	dx := m.Mat(y.Rows, y.Cols)
	for i, v := range y.Data {
		dx.Data[i] = dy.Data[i] * (1 - v*v)
	}
	return dx
}

package optim

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/powerbert/powerbert/internal/kernel"
)

// A Param is a parameter to train: memory that others own and use.
type Param[T kernel.Float] struct {
	Name  string
	Value []T // the weights
	Grad  []T // their gradient, of the same length
}

// bound is a parameter of an optimiser, with the moments of its gradient. It
// implements gorgonia.ValueGrad over the parameter's memory.
type bound[T kernel.Float] struct {
	*Param[T]
	value, grad *tensor.Dense
	m, v        []T
}

// Value is the weights as a vector that shares their memory.
func (b *bound[T]) Value() G.Value { return b.value }

// Grad is the gradient as a vector that shares its memory.
func (b *bound[T]) Grad() (G.Value, error) { return b.grad, nil }

// bind makes the tensors and moments of p.
func bind[T kernel.Float](p *Param[T]) (*bound[T], error) {
	n := len(p.Value)
	if n == 0 || len(p.Grad) != n {
		return nil, fmt.Errorf("optim: parameter %q has %d weights and a gradient of %d, want as many, 1 or more", p.Name, n, len(p.Grad))
	}
	return &bound[T]{
		Param: p, m: kernel.Make[T](n), v: kernel.Make[T](n),
		value: tensor.New(tensor.WithShape(n), tensor.WithBacking(p.Value)),
		grad:  tensor.New(tensor.WithShape(n), tensor.WithBacking(p.Grad)),
	}, nil
}

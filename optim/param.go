package optim

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/powerbert/powerbert/internal/kernel"
)

// A Param is a parameter of the optimiser: memory that others own and use, and
// the moments of its gradient. It implements gorgonia.ValueGrad over that memory.
type Param[T kernel.Float] struct {
	Name     string
	Weights  []T
	Gradient []T

	value, grad *tensor.Dense
	m, v        []T
}

// NewParam is a parameter over weights and gradient, which have one length.
func NewParam[T kernel.Float](name string, weights, gradient []T) *Param[T] {
	return &Param[T]{Name: name, Weights: weights, Gradient: gradient}
}

// Value is the weights as a vector that shares their memory.
func (p *Param[T]) Value() G.Value { return p.value }

// Grad is the gradient as a vector that shares its memory.
func (p *Param[T]) Grad() (G.Value, error) { return p.grad, nil }

// bind makes the tensors and moments of p.
func (p *Param[T]) bind() error {
	n := len(p.Weights)
	if n == 0 || len(p.Gradient) != n {
		return fmt.Errorf("optim: parameter %q has %d weights and a gradient of %d, want as many, 1 or more", p.Name, n, len(p.Gradient))
	}
	p.value = tensor.New(tensor.WithShape(n), tensor.WithBacking(p.Weights))
	p.grad = tensor.New(tensor.WithShape(n), tensor.WithBacking(p.Gradient))
	p.m, p.v = make([]T, n), make([]T, n)
	return nil
}

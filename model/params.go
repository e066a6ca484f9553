package model

import (
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model/arch"
)

// Tensor is a contiguous range of the parameters' memory.
type Tensor struct {
	arch.Tensor
	Offset int // of the first element in the arena
	Size   int // elements
}

// Params is all parameters of a model in one piece of memory, so that
// copies, gradients and the optimiser's state have the same layout. The
// tensors follow one another without a gap, in the order of arch.Net.Tensors.
type Params[T kernel.Float] struct {
	net     *arch.Net
	arena   []T
	tensors []Tensor
	index   map[string]int
	std     float64 // initializer_range
}

// NewParams reserves the parameters of c, all zero. c must be valid.
func NewParams[T kernel.Float](c arch.Config) *Params[T] { return paramsOf[T](c, c.Net().Tensors()) }

// paramsOf reserves parameters for some tensors.
func paramsOf[T kernel.Float](c arch.Config, tensors []arch.Tensor) *Params[T] {
	p := &Params[T]{net: c.Net(), index: make(map[string]int), std: c.InitializerRange}
	end := 0
	for i, t := range tensors {
		p.tensors = append(p.tensors, Tensor{Tensor: t, Offset: end, Size: t.Elements()})
		p.index[t.Name] = i
		end += t.Elements()
	}
	p.arena = kernel.Make[T](end)
	return p
}

// Arena is the memory of all parameters, in the order of Tensors.
func (p *Params[T]) Arena() []T { return p.arena }

// Tensors lists the parameters in the order of their memory.
func (p *Params[T]) Tensors() []Tensor { return p.tensors }

// Lookup finds a tensor by its name.
func (p *Params[T]) Lookup(name string) (Tensor, bool) {
	i, ok := p.index[name]
	if !ok {
		return Tensor{}, false
	}
	return p.tensors[i], true
}

// Slice is the memory of a tensor, row-major; nil where there is none of that name.
func (p *Params[T]) Slice(name string) []T { return p.Span(name, name) }

// Span is the memory from the first named tensor to the last; nil where a name
// is unknown or last lies before first.
func (p *Params[T]) Span(first, last string) []T {
	a, okA := p.Lookup(first)
	b, okB := p.Lookup(last)
	end := b.Offset + b.Size
	if !okA || !okB || end < a.Offset+a.Size {
		return nil
	}
	return p.arena[a.Offset:end:end]
}

// Matrix returns nil: the weights may change.
func (p *Params[T]) Matrix(first, last arch.Linear) kernel.Matrix[T] { return nil }

// Table is nil: parameters are in T.
func (p *Params[T]) Table(name string) *kernel.Int8Table[T] { return nil }

package model

import (
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/layers"
	"github.com/powerbert/powerbert/model/arch"
)

// Weights is what a network reads its parameters from: Params, which it may train, or
// Frozen.
type Weights[T kernel.Float] = layers.Weights[T]

// Frozen is parameters for inference: the weights of the linear layers lie as their
// products read them fastest, the table of words may be in 8 bits, and all else is as in
// Params.
type Frozen[T kernel.Float] struct {
	params   Params[T]
	matrices []kernel.Matrix[T]
	places   map[string]outputs
	words    *kernel.Int8Table[T] // nil: among params
}

// outputs is where the weights of a linear layer are: outputs of a matrix.
type outputs struct{ matrix, from, to int }

// Freeze lays the parameters out for inference, where they are: p gives its memory away
// and is empty then. Networks that were built over p must not run again.
func (p *Params[T]) Freeze() *Frozen[T] {
	f := &Frozen[T]{params: *p, places: make(map[string]outputs)}
	*p = Params[T]{}
	var tensors []arch.Tensor
	for _, t := range f.params.tensors {
		tensors = append(tensors, t.Tensor)
	}
	for _, product := range arch.Products(tensors) {
		data := f.params.Span(product[0].Name, product[len(product)-1].Name)
		f.add(product, kernel.Pack(kernel.Rows[T]{Data: data, Out: outputsOf(product), In: product[0].Shape[1]}))
	}
	return f
}

// Arena is the memory of all parameters, as they lie on this machine.
func (f *Frozen[T]) Arena() []T { return f.params.Arena() }

// add takes the matrix of a product.
func (f *Frozen[T]) add(product []arch.Tensor, m kernel.Matrix[T]) {
	from := 0
	for _, t := range product {
		f.places[t.Name] = outputs{len(f.matrices), from, from + t.Shape[0]}
		from += t.Shape[0]
	}
	f.matrices = append(f.matrices, m)
}

// outputsOf returns the number of outputs of a product.
func outputsOf(product []arch.Tensor) (out int) {
	for _, t := range product {
		out += t.Shape[0]
	}
	return out
}

// Span is the memory from the first named tensor to the last; nil where a name is
// unknown or that of a matrix.
func (f *Frozen[T]) Span(first, last string) []T {
	for _, name := range []string{first, last} {
		if _, frozen := f.places[name]; frozen {
			return nil
		}
	}
	return f.params.Span(first, last)
}

// Table is the table of words where it is in 8 bits; nil of another name, or in T.
func (f *Frozen[T]) Table(name string) *kernel.Int8Table[T] {
	if name != f.params.net.Embedding.Words.Name {
		return nil
	}
	return f.words
}

// Matrix is the weights from the first named layer's to the last's, as those of one
// layer; nil where they are no neighbours.
func (f *Frozen[T]) Matrix(first, last arch.Linear) kernel.Matrix[T] {
	a, okA := f.places[first.Weight()]
	b, okB := f.places[last.Weight()]
	if !okA || !okB || a.matrix != b.matrix || a.from > b.from {
		return nil
	}
	return f.matrices[a.matrix].Slice(a.from+first.First, b.from+last.First+last.Out)
}

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
// products read them fastest, all else as in Params.
type Frozen[T kernel.Float] struct {
	params   Params[T]
	matrices []kernel.Matrix[T]
	places   map[string]outputs
}

// outputs is where the weights of a linear layer are: outputs of a matrix.
type outputs struct{ matrix, from, to int }

// Freeze lays the parameters out for inference, where they are: p gives its memory away
// and is empty then. Networks that were built over p must not run again.
func (p *Params[T]) Freeze() *Frozen[T] {
	f := &Frozen[T]{params: *p, places: make(map[string]outputs)}
	*p = Params[T]{}
	tensors := f.params.tensors
	for i := 0; i < len(tensors); i++ {
		if n := f.params.neighbours(i); n > 0 {
			f.freeze(tensors[i : i+n])
			i += n - 1
		}
	}
	return f
}

// neighbours is how many tensors from i on are weights of linear layers of the same
// inputs, which may enter one product.
func (p *Params[T]) neighbours(i int) (n int) {
	for _, t := range p.tensors[i:] {
		if t.Role != arch.LinearWeight || t.Shape[1] != p.tensors[i].Shape[1] {
			break
		}
		n++
	}
	return n
}

// freeze makes one matrix of the weights of neighbours.
func (f *Frozen[T]) freeze(tensors []Tensor) {
	from, in := 0, tensors[0].Shape[1]
	for _, t := range tensors {
		f.places[t.Name] = outputs{len(f.matrices), from, from + t.Shape[0]}
		from += t.Shape[0]
	}
	data := f.params.Span(tensors[0].Name, tensors[len(tensors)-1].Name)
	f.matrices = append(f.matrices, kernel.Pack(kernel.Rows[T]{Data: data, Out: from, In: in}))
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

// Matrix is the weights from the first named layer's to the last's, as those of one
// layer; nil where they are no neighbours.
func (f *Frozen[T]) Matrix(first, last string) kernel.Matrix[T] {
	a, okA := f.places[first]
	b, okB := f.places[last]
	if !okA || !okB || a.matrix != b.matrix || a.from > b.from {
		return nil
	}
	return f.matrices[a.matrix].Slice(a.from, b.to)
}

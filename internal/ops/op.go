package ops

import (
	"fmt"
	"hash"
	"hash/fnv"
	"slices"
	"sync/atomic"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Mat is a value at run time, row-major. A vector has one row, a scalar one
// element.
type Mat[T kernel.Float] struct {
	Rows, Cols int
	Data       []T
}

// Computer is the arithmetic of one op.
type Computer[T kernel.Float] interface {
	// Compute returns the result for the inputs at hand, of as many rows as they
	// have: m.Mat, or memory of its own that stays as it is until its next call.
	Compute(in []Mat[T], m *Memory[T]) Mat[T]
}

// Differ is a Computer with a symbolic gradient.
type Differ[T kernel.Float] interface {
	Computer[T]
	// Gradient makes one node per input, nil where no gradient flows, of the
	// inputs, the output and the gradient of the output.
	Gradient(in Nodes, out, dout *Node) (Nodes, error)
}

// op carries a computer through gorgonia's machine.
type op[T kernel.Float] struct {
	Computer[T]
	name  string
	id    uint64
	typ   hm.Type
	shape Shape // as declared; the rows at run time may be others
	in    []Mat[T]
	mem   Memory[T]

	result Mat[T]        // of the last run
	last   *tensor.Dense // over a result
}

var opCount atomic.Uint64

// Apply makes the node of an op over in, of a declared shape; it reports inputs of
// another type than T. No two ops are ever merged: each owns a buffer, so each
// hashes as itself.
func Apply[T kernel.Float](name string, c Computer[T], shape Shape, in ...*Node) (*Node, error) {
	o := newOp(name, c, shape, len(in))
	types := make([]hm.Type, 0, len(in)+1)
	for i, n := range in {
		if n.Dtype() != dtype[T]() {
			return nil, fmt.Errorf("%s: input %d is of %v, want %v", name, i, n.Dtype(), dtype[T]())
		}
		types = append(types, n.Type())
	}
	o.typ = hm.NewFnType(append(types, resultType[T](shape))...)
	n, err := G.ApplyOp(o, in...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return n, nil
}

// newOp is an op of so many inputs, without a type.
func newOp[T kernel.Float](name string, c Computer[T], shape Shape, inputs int) *op[T] {
	return &op[T]{Computer: c, name: name, id: opCount.Add(1), shape: shape, in: make([]Mat[T], inputs), mem: newMemory[T]()}
}

// dtype is gorgonia's name of T.
func dtype[T kernel.Float]() tensor.Dtype {
	var zero T
	if _, ok := any(zero).(float32); ok {
		return tensor.Float32
	}
	return tensor.Float64
}

func resultType[T kernel.Float](shape Shape) hm.Type {
	if shape.IsScalar() {
		return dtype[T]()
	}
	return G.TensorType{Dims: shape.Dims(), Of: dtype[T]()}
}

func (o *op[T]) Arity() int                              { return len(o.in) }
func (o *op[T]) Type() hm.Type                           { return o.typ }
func (o *op[T]) InferShape(...G.DimSizer) (Shape, error) { return o.shape, nil }
func (o *op[T]) ReturnsPtr() bool                        { return true }
func (o *op[T]) CallsExtern() bool                       { return false }
func (o *op[T]) OverwritesInput() int                    { return -1 }
func (o *op[T]) WriteHash(h hash.Hash)                   { fmt.Fprint(h, o.String()) }
func (o *op[T]) String() string                          { return fmt.Sprintf("%s#%d", o.name, o.id) }
func (o *op[T]) Hashcode() uint32                        { h := fnv.New32a(); o.WriteHash(h); return h.Sum32() }

// DiffWRT says that a gradient flows to every input, if the op has one.
func (o *op[T]) DiffWRT(n int) []bool {
	_, ok := o.Computer.(Differ[T])
	return slices.Repeat([]bool{ok}, n)
}

// SymDiff makes the nodes of the op's gradients.
func (o *op[T]) SymDiff(in Nodes, out, dout *Node) (Nodes, error) {
	d, ok := o.Computer.(Differ[T])
	if !ok {
		return nil, fmt.Errorf("%s has no gradient", o)
	}
	return d.Gradient(in, out, dout)
}

// run computes the result of the inputs at hand.
func (o *op[T]) run() {
	o.result = o.Compute(o.in, &o.mem)
	o.mem.work.done()
}

// Do runs the op on values of gorgonia's machine.
func (o *op[T]) Do(in ...G.Value) (G.Value, error) {
	for i, v := range in {
		m, err := matOf[T](v)
		if err != nil {
			return nil, fmt.Errorf("%s, input %d: %w", o, i, err)
		}
		o.in[i] = m
	}
	o.run()
	return o.wrap(o.result), nil
}

// matOf is the matrix behind a gorgonia value.
func matOf[T kernel.Float](v G.Value) (Mat[T], error) {
	if s, ok := v.(G.Scalar); ok {
		x, ok := s.Data().(T)
		if !ok {
			return Mat[T]{}, fmt.Errorf("scalar is a %T, want %v", s.Data(), dtype[T]())
		}
		return Mat[T]{1, 1, []T{x}}, nil
	}
	d, ok := v.(*tensor.Dense)
	if !ok || d.Dtype() != dtype[T]() {
		return Mat[T]{}, fmt.Errorf("value is a %T, want a dense tensor of %v", v, dtype[T]())
	}
	data := floats[T](d)
	if d.Dims() == 2 {
		return Mat[T]{d.Shape()[0], d.Shape()[1], data}, nil
	}
	return Mat[T]{1, len(data), data}, nil
}

// floats is the backing slice of a tensor, without a copy.
func floats[T kernel.Float](d *tensor.Dense) []T {
	var zero T
	if _, ok := any(zero).(float32); ok {
		return any(d.Float32s()).([]T)
	}
	return any(d.Float64s()).([]T)
}

// wrap makes a gorgonia value of a result, without a copy. The tensor is made
// anew only when the buffer or the number of rows has changed.
func (o *op[T]) wrap(m Mat[T]) G.Value {
	if o.shape.IsScalar() {
		return scalar(m.Data[0])
	}
	shape := Shape{m.Cols}
	if o.shape.Dims() == 2 {
		shape = Shape{m.Rows, m.Cols}
	}
	if o.last == nil || !o.last.Shape().Eq(shape) || &floats[T](o.last)[0] != &m.Data[0] {
		o.last = dense(m.Data, shape...)
	}
	return o.last
}

func scalar[T kernel.Float](x T) G.Value {
	if v, ok := any(x).(float32); ok {
		return G.NewF32(v)
	}
	return G.NewF64(float64(x))
}

// dense makes a dense tensor over data, without a copy.
func dense[T kernel.Float](data []T, shape ...int) *tensor.Dense {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
}

// side is a further result of an op that computes several: the op fills m, and
// the node waits for it.
type side[T kernel.Float] struct {
	m  *Mat[T]
	to *addend[T]
}

func (s *side[T]) addTo(a *addend[T]) { s.to = a }

func (s *side[T]) Compute([]Mat[T], *Memory[T]) Mat[T] {
	if s.to != nil {
		s.to.put(s.m.Data)
	}
	return *s.m
}

// beside makes the node of a further result of the op behind main.
func beside[T kernel.Float](name string, main *Node, m *Mat[T], shape Shape) (*Node, error) {
	return Apply(name, &side[T]{m: m}, shape, main)
}

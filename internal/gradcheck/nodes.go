package gradcheck

import (
	"fmt"
	"hash"
	"hash/fnv"
	"math/rand/v2"
	"sync/atomic"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// node is a gorgonia op made of two functions. The package has its own because
// gorgonia's do not follow run-time rows that are fewer than the declared ones.
type node struct {
	name  string
	id    uint64
	typ   hm.Type
	shape tensor.Shape
	arity int
	do    func(in []G.Value) G.Value
	grad  func(in G.Nodes, dout *G.Node) (G.Nodes, error) // nil: not differentiable
}

var nodes atomic.Uint64

// apply makes a node of the op; every op hashes as itself.
func apply(o node, in ...*G.Node) (*G.Node, error) {
	o.id, o.arity = nodes.Add(1), len(in)
	types := make([]hm.Type, 0, len(in)+1)
	for _, n := range in {
		types = append(types, n.Type())
	}
	o.typ = hm.NewFnType(append(types, typeOf(o.shape, in[0].Dtype()))...)
	return G.ApplyOp(&o, in...)
}

func typeOf(s tensor.Shape, of tensor.Dtype) hm.Type {
	if s.IsScalar() {
		return of
	}
	return G.TensorType{Dims: s.Dims(), Of: of}
}

func (o *node) Arity() int                                     { return o.arity }
func (o *node) Type() hm.Type                                  { return o.typ }
func (o *node) InferShape(...G.DimSizer) (tensor.Shape, error) { return o.shape, nil }
func (o *node) Do(in ...G.Value) (G.Value, error)              { return o.do(in), nil }
func (o *node) ReturnsPtr() bool                               { return true }
func (o *node) CallsExtern() bool                              { return false }
func (o *node) OverwritesInput() int                           { return -1 }
func (o *node) WriteHash(h hash.Hash)                          { fmt.Fprint(h, o.String()) }
func (o *node) Hashcode() uint32                               { h := fnv.New32a(); o.WriteHash(h); return h.Sum32() }
func (o *node) String() string                                 { return fmt.Sprintf("gradcheck.%s#%d", o.name, o.id) }

// DiffWRT says that a gradient flows to the first input only, if to any.
func (o *node) DiffWRT(n int) []bool {
	wrt := make([]bool, n)
	wrt[0] = o.grad != nil
	return wrt
}

func (o *node) SymDiff(in G.Nodes, _, dout *G.Node) (G.Nodes, error) { return o.grad(in, dout) }

// firstRows passes on the first rows() rows of x and declares all of them: what
// an operation sees of a batch that is smaller than the graph's capacity.
func firstRows(x *G.Node, rows func() int) (*G.Node, error) {
	if rows == nil {
		rows = func() int { return x.Shape()[0] }
	}
	shape := x.Shape()
	rowSize := shape.TotalSize() / shape[0]
	first := func(in []G.Value) G.Value {
		n := rows()
		return dense(floats(in[0])[:n*rowSize], append(tensor.Shape{n}, shape[1:]...))
	}
	filled := func(in []G.Value) G.Value {
		out := make([]float64, shape.TotalSize())
		copy(out, floats(in[0])[:rows()*rowSize])
		return dense(out, shape)
	}
	return apply(node{name: "rows", shape: shape, do: first, grad: func(in G.Nodes, dout *G.Node) (G.Nodes, error) {
		dx, err := apply(node{name: "rows.dx", shape: shape, do: filled}, dout)
		return append(G.Nodes{dx}, make(G.Nodes, len(in)-1)...), err
	}}, x)
}

// weigh is the scalar Σ c∘y over the n elements that y has at run time, with the
// cotangent c that draw makes anew for n.
func weigh[T float32 | float64](y *G.Node, draw func(n int) []T) (*G.Node, error) {
	sum := func(in []G.Value) G.Value {
		var total T
		values := elements[T](in[0])
		for i, c := range draw(len(values)) {
			total += c * values[i]
		}
		return scalar(total)
	}
	spread := func(in []G.Value) G.Value {
		c := draw(len(elements[T](in[1])))
		for i := range c {
			c[i] *= elements[T](in[0])[0]
		}
		if y.IsScalar() {
			return scalar(c[0])
		}
		return dense(c, in[1].Shape())
	}
	return apply(node{name: "weigh", shape: tensor.ScalarShape(), do: sum, grad: func(in G.Nodes, dout *G.Node) (G.Nodes, error) {
		dy, err := apply(node{name: "weigh.dy", shape: y.Shape(), do: spread}, dout, in[0])
		return G.Nodes{dy}, err
	}}, y)
}

func generator(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x5eed)) }

func cotangent(seed uint64, n int) []float64 {
	draw, c := generator(seed), make([]float64, n)
	for i := range c {
		c[i] = draw.NormFloat64()
	}
	return c
}

func dense[T float32 | float64](data []T, shape tensor.Shape) G.Value {
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
}

func scalar[T float32 | float64](x T) G.Value {
	if single, ok := any(x).(float32); ok {
		return G.NewF32(single)
	}
	return G.NewF64(float64(x))
}

func floats(v G.Value) []float64 { return elements[float64](v) }

func elements[T float32 | float64](v G.Value) []T {
	switch d := v.Data().(type) {
	case []T:
		return d
	case T:
		return []T{d}
	}
	panic(fmt.Sprintf("gradcheck: value holds %T, want %T", v.Data(), T(0)))
}

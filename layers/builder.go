package layers

import (
	"fmt"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/model/arch"
)

// Weights hands out parameters by their names in a checkpoint.
type Weights[T kernel.Float] interface {
	// Span is the memory of the parameters from first to last, which lie one
	// after another; nil where there is none, or another than in a checkpoint.
	Span(first, last string) []T
	// Matrix is the weights of linear layers from first to last as those of one,
	// which do not change any more; nil where they may.
	Matrix(first, last arch.Linear) kernel.Matrix[T]
	// Table is the tensor of a name, a table in 8 bits; nil where it is in T.
	Table(name string) *kernel.Int8Table[T]
}

// Bound is a parameter's node in one place of the network: First to Last name the
// tensors whose memory it shares, from element At on.
type Bound struct {
	First, Last string
	At          int
	Node        *ops.Node
}

// Builder assembles layers into one graph. The first error sticks: every later
// call returns nil, and Err tells.
type Builder[T kernel.Float] struct {
	Graph   *ops.Graph
	Batch   *ops.Batch
	Bound   []Bound // every parameter node made so far
	weights Weights[T]
	by      kernel.Products[T] // of linear layers that learn
	turns   map[turn]*ops.Turns[T]
	rows    int
	train   bool
	site    uint64
	err     error
}

// NewBuilder starts a graph over weights. rows is the declared row count of
// ragged nodes, which is only nominal. With train set, dropout layers drop. Linear layers
// whose weights may change are multiplied by by.
func NewBuilder[T kernel.Float](weights Weights[T], by kernel.Products[T], batch *ops.Batch, rows int, train bool) *Builder[T] {
	return &Builder[T]{Graph: ops.NewGraph(), Batch: batch, weights: weights, by: by, turns: make(map[turn]*ops.Turns[T]), rows: rows, train: train}
}

// Err is the first error of any call so far.
func (b *Builder[T]) Err() error { return b.err }

// Param makes the node of the parameters from first to last as one tensor. A
// parameter that the network uses in several places has a node in each.
func (b *Builder[T]) Param(first, last string, shape ...int) *ops.Node {
	size := 1
	for _, n := range shape {
		size *= n
	}
	return b.part(first, last, 0, size, shape...)
}

// part is Param of some of the values of the parameters from first to last, which hold so
// many: those from element at on.
func (b *Builder[T]) part(first, last string, at, hold int, shape ...int) *ops.Node {
	if b.err != nil {
		return nil
	}
	data := b.weights.Span(first, last)
	if len(data) != hold {
		b.err = fmt.Errorf("model: tensors %q to %q hold %d values, want %v", first, last, len(data), shape)
		return nil
	}
	data = data[at:][:ops.Shape(shape).TotalSize()]
	n := b.Input(fmt.Sprintf("%s@%d", first, len(b.Bound)), data, shape...) // gorgonia merges inputs of equal names
	b.Bound = append(b.Bound, Bound{first, last, at, n})
	return n
}

// Input makes a node over data, which it shares.
func (b *Builder[T]) Input(name string, data []T, shape ...int) *ops.Node {
	return ops.Input(b.Graph, name, data, shape...)
}

// node runs a constructor unless an error came before, and keeps its error.
func (b *Builder[T]) node(make func() (*ops.Node, error)) *ops.Node {
	if b.err != nil {
		return nil
	}
	n, err := make()
	if err != nil {
		b.err = err
		return nil
	}
	return n
}

// Linear is y = x·Wᵀ + b, without b where the layers have none. Several layers, whose weights
// lie one after another, and so their biases, are one, with the outputs of all.
//
// Shapes: x (n, in); y (n, out).
func (b *Builder[T]) Linear(x *ops.Node, layers ...arch.Linear) *ops.Node {
	first, last, out := layers[0], layers[len(layers)-1], 0
	for _, l := range layers {
		out += l.Out
	}
	if m := b.weights.Matrix(first, last); m != nil {
		bias := b.bias(first, last, out)
		return b.node(func() (*ops.Node, error) { return ops.Affine(m, x, bias) })
	}
	w := b.part(first.Weight(), last.Weight(), first.First*first.In, max(first.Of, out)*first.In, out, first.In)
	bias := b.bias(first, last, out)
	return b.node(func() (*ops.Node, error) { return ops.Linear(b.by, x, w, bias) })
}

// bias is that of the layers from first to last, which have so many outputs; nil: none.
func (b *Builder[T]) bias(first, last arch.Linear, out int) *ops.Node {
	if first.NoBias {
		return nil
	}
	return b.part(first.Bias(), last.Bias(), first.First, max(first.Of, out), out)
}

// activated is a(x·Wᵀ + b): one product where the weights take the activation along,
// which then is its fast form.
//
// Shapes: x (n, in); y (n, out).
func (b *Builder[T]) activated(x *ops.Node, l arch.Linear, a arch.Activation) *ops.Node {
	m, can := b.weights.Matrix(l, l).(kernel.Activating[T])
	fast, known := fastActivations[a]
	if !can || !known {
		return b.activate(b.Linear(x, l), a)
	}
	bias := b.bias(l, l, l.Out)
	return b.node(func() (*ops.Node, error) { return ops.Activated(m, x, bias, fast) })
}

// fastActivations are those that a product may take along.
var fastActivations = map[arch.Activation]kernel.Activation{arch.GELU: kernel.FastGELU, arch.GELUTanh: kernel.FastGELUTanh}

// LayerNorm normalises each row.
//
// Shapes: x (n, H); y (n, H).
func (b *Builder[T]) LayerNorm(x *ops.Node, n arch.Norm) *ops.Node {
	gamma := b.Param(n.Weight(), n.Weight(), n.Width)
	var beta *ops.Node
	if !n.NoBias {
		beta = b.Param(n.Bias(), n.Bias(), n.Width)
	}
	return b.node(func() (*ops.Node, error) { return ops.LayerNorm[T](x, gamma, beta, n.Eps) })
}

// activate applies a to each element.
func (b *Builder[T]) activate(x *ops.Node, a arch.Activation) *ops.Node {
	op := [...]func(*ops.Node) (*ops.Node, error){arch.GELU: ops.GELU[T], arch.GELUTanh: ops.GELUTanh[T], arch.Tanh: ops.Tanh[T], arch.ReLU: ops.ReLU[T], arch.SiLU: ops.SiLU[T]}[a]
	return b.node(func() (*ops.Node, error) { return op(x) })
}

// gate applies a to the first half of the columns, and multiplies them by the second.
//
// Shapes: x (n, 2F); y (n, F).
func (b *Builder[T]) gate(x *ops.Node, a arch.Activation) *ops.Node {
	by := [...]struct {
		f    func(y, x []T)
		grad func(dx, dy, x []T)
	}{
		arch.GELU: {kernel.GELU[T], kernel.GELUGrad[T]}, arch.GELUTanh: {kernel.GELUTanh[T], kernel.GELUTanhGrad[T]},
		arch.Tanh: {kernel.Tanh[T], kernel.TanhGrad[T]}, arch.ReLU: {kernel.ReLU[T], kernel.ReLUGrad[T]}, arch.SiLU: {kernel.SiLU[T], kernel.SiLUGrad[T]},
	}[a]
	return b.node(func() (*ops.Node, error) { return ops.Gated(x, by.f, by.grad) })
}

// Dropout zeroes elements with probability rate in training and scales the
// others by 1/(1−rate).
func (b *Builder[T]) Dropout(x *ops.Node, rate float64) *ops.Node {
	return b.node(func() (*ops.Node, error) { return ops.Drop[T](x, b.drop(rate)) })
}

// drop makes the dropout of the next place in the network.
func (b *Builder[T]) drop(rate float64) ops.Dropout {
	b.site++
	if !b.train {
		rate = 0
	}
	return ops.Dropout{Rate: rate, Site: b.site, Batch: b.Batch}
}

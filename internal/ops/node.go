package ops

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Node is a value of a graph: an input, or what an op makes of others.
type Node = G.Node

// Nodes lists values of a graph.
type Nodes = G.Nodes

// Graph holds nodes. Their names tell inputs apart: two of one name are merged.
type Graph = G.ExprGraph

// Shape is the sizes of a value; that of a scalar has none.
type Shape = tensor.Shape

// NewGraph makes a graph without nodes.
func NewGraph() *Graph { return G.NewGraph() }

// Input makes a node over data, whose memory every run reads.
func Input[T kernel.Float](g *Graph, name string, data []T, shape ...int) *Node {
	return G.NewTensor(g, dtype[T](), len(shape), G.WithName(name), G.WithShape(shape...), G.WithValue(dense(data, shape...)))
}

// Grad makes the nodes of the gradients of a scalar, one per node of wrt. A node
// that the scalar does not depend on is an error.
func Grad[T kernel.Float](scalar *Node, wrt ...*Node) (Nodes, error) {
	grads, err := G.Grad(scalar, wrt...)
	if err != nil {
		return nil, err
	}
	for i, n := range grads {
		if _, ours := n.Op().(*op[T]); !ours { // gorgonia's sum of the gradients of several readers
			if grads[i], err = Apply("gradient", same[T]{}, n.Shape(), n); err != nil {
				return nil, err
			}
		}
	}
	return grads, nil
}

// same is its input again.
type same[T kernel.Float] struct{}

func (same[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	y := m.Mat(in[0].Rows, in[0].Cols)
	copy(y.Data, in[0].Data)
	return y
}

// Values returns the value of a node after a run: the machine's own memory, which
// the next run overwrites; nil where the node has none of type T.
func Values[T kernel.Float](n *Node) []T {
	if o, ours := n.Op().(*op[T]); ours {
		return o.result.Data
	}
	if n.Value() == nil {
		return nil
	}
	v, _ := n.Value().Data().([]T)
	return v
}

package ops

import (
	"fmt"
	"slices"
	"strings"

	G "gorgonia.org/gorgonia"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Plan makes the machine of a graph, whose ops share memory as far as the order
// of its instructions allows: a result lies where another lay that nobody reads
// any more. Only the values of kept nodes are sure to be there after a run. Ops have
// the help of each, as kernel.Share, or none. It reports an op that is neither of this
// package nor gorgonia's sum.
//
// The machine runs the nodes in the order of gorgonia.Sort, from its end.
func Plan[T kernel.Float](g *Graph, help kernel.Each, kept ...*Node) (*Machine[T], error) {
	order, err := G.Sort(g)
	if err != nil {
		return nil, err
	}
	slices.Reverse(order)
	p := plan[T]{uses: map[*Node]int{}, slots: map[*Node]*slot[T]{}, ops: map[*Node]*op[T]{}}
	for _, n := range order {
		for _, in := range inputs(g, n) {
			p.uses[in]++
		}
	}
	for _, n := range kept {
		p.uses[n]++
	}
	common := &work[T]{help: help}
	m := &Machine[T]{}
	for _, n := range order {
		s, err := p.step(g, n)
		if err != nil {
			return nil, err
		}
		if s == nil {
			continue
		}
		p.place(n, s.op, common)
		m.steps = append(m.steps, s)
		for _, in := range inputs(g, n) {
			p.uses[in]--
			p.release(in)
		}
		p.release(n) // where nobody reads it at all
	}
	return m, nil
}

// inputs are the nodes that n reads.
func inputs(g *Graph, n *Node) (in Nodes) {
	for nodes := g.From(n.ID()); nodes.Next(); {
		in = append(in, nodes.Node().(*Node))
	}
	return in
}

// slot is memory that results take turns in.
type slot[T kernel.Float] struct {
	buffer[T]
	cols int // of the results it was made for: they are of like size
}

// plan is the way through the instructions.
type plan[T kernel.Float] struct {
	uses  map[*Node]int // readers that are still to come
	slots map[*Node]*slot[T]
	free  []*slot[T]
	ops   map[*Node]*op[T] // that the nodes so far have
}

// step is the computing of n; nil: n is an input, or a constant.
func (p *plan[T]) step(g *Graph, n *Node) (*step[T], error) {
	if n.Op() == nil || n.Op().Arity() == 0 {
		return nil, nil
	}
	o, ours := n.Op().(*op[T])
	if !ours { // Grad inserts a sum where a value has several readers
		if name := n.Op().String(); !strings.HasPrefix(name, "+ ") {
			return nil, fmt.Errorf("ops: the graph has the op %s, want one of this package or a sum", name)
		}
		o = newOp[T]("sum", total[T]{}, n.Shape(), 2)
	}
	p.ops[n] = o
	s := &step[T]{op: o}
	for _, in := range inputs(g, n) {
		if o := p.ops[in]; o != nil {
			s.in = append(s.in, &o.result)
			continue
		}
		m, err := matOf[T](in.Value())
		if err != nil {
			return nil, fmt.Errorf("ops: input %s: %w", in.Name(), err)
		}
		s.in = append(s.in, &m)
	}
	return s, nil
}

// place finds memory for the result of n, which o computes, if it is one that needs it.
func (p *plan[T]) place(n *Node, o *op[T], common *work[T]) {
	if n.IsScalar() {
		return
	}
	o.mem.work = common
	if _, elsewhere := o.Computer.(*side[T]); !elsewhere {
		o.mem.out = &p.take(n).buffer
	}
}

// take gives n a slot: the free one of its width, or a new one.
func (p *plan[T]) take(n *Node) *slot[T] {
	cols := n.Shape()[n.Dims()-1]
	at := slices.IndexFunc(p.free, func(s *slot[T]) bool { return s.cols == cols })
	if at < 0 {
		p.slots[n] = &slot[T]{cols: cols}
	} else {
		p.slots[n] = p.free[at]
		p.free = slices.Delete(p.free, at, at+1)
	}
	return p.slots[n]
}

// release frees the slot of n when no reader is left.
func (p *plan[T]) release(n *Node) {
	if s := p.slots[n]; s != nil && p.uses[n] == 0 {
		p.free = append(p.free, s)
		delete(p.slots, n)
	}
}

// total is the sum of two gradients of one value.
type total[T kernel.Float] struct{}

func (total[T]) Compute(in []Mat[T], m *Memory[T]) Mat[T] {
	y := m.Mat(in[0].Rows, in[0].Cols)
	kernel.Sum(y.Data, in[0].Data, in[1].Data)
	return y
}

// A step computes the result of an op.
type step[T kernel.Float] struct {
	op *op[T]
	in []*Mat[T] // what it reads
}

// Machine runs a graph. It is not safe for concurrent use.
type Machine[T kernel.Float] struct{ steps []*step[T] }

// Run computes every node, on a core that counts as occupied meanwhile.
func (m *Machine[T]) Run() {
	kernel.Occupy()
	defer kernel.Vacate()
	for _, s := range m.steps {
		for i, in := range s.in {
			s.op.in[i] = *in
		}
		s.op.run()
	}
}

// Instructions is how many nodes a run computes.
func (m *Machine[T]) Instructions() int { return len(m.steps) }

package ops

import (
	"slices"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Plan makes the machine of a graph, whose ops share memory as far as the order
// of its instructions allows: a result lies where another lay that nobody reads
// any more. Only the values of kept nodes are sure to be there after a run. Ops have
// the help of each, as kernel.Share, or none.
//
// The machine runs the nodes in the order of gorgonia.Sort, from its end.
func Plan[T kernel.Float](g *Graph, help kernel.Each, kept ...*Node) (*Machine[T], error) {
	order, err := G.Sort(g)
	if err != nil {
		return nil, err
	}
	slices.Reverse(order)
	p := plan[T]{uses: map[*Node]int{}, slots: map[*Node]*slot[T]{}, engine: &adder[T]{}}
	for _, n := range order {
		for _, in := range inputs(g, n) {
			p.uses[in]++
		}
	}
	for _, n := range kept {
		p.uses[n]++
	}
	common := &work[T]{help: help}
	for _, n := range order {
		p.place(n, common)
		for _, in := range inputs(g, n) {
			p.uses[in]--
			p.release(in)
		}
		p.release(n) // where nobody reads it at all
	}
	return &Machine[T]{G.NewTapeMachine(g, G.WithEngine(p.engine)), p.engine, len(order)}, nil
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
	uses   map[*Node]int // readers that are still to come
	slots  map[*Node]*slot[T]
	free   []*slot[T]
	engine *adder[T]
}

// place finds memory for the result of n, if it is one that needs it.
func (p *plan[T]) place(n *Node, common *work[T]) {
	if n.Op() == nil || n.IsScalar() {
		return
	}
	o, ours := n.Op().(*op[T])
	if !ours { // gorgonia's sum of gradients
		s := p.take(n)
		p.engine.out = append(p.engine.out, total[T]{&s.buffer, nil})
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

// adder is the engine of gorgonia's own sums, which Grad inserts where a value
// has several readers: it adds with the kernels, into planned memory. Sums are
// known by their order.
type adder[T kernel.Float] struct {
	tensor.StdEng
	out  []total[T]
	next int
}

type total[T kernel.Float] struct {
	buffer *buffer[T]
	last   *tensor.Dense
}

// Add is a + b. It never writes to a or to the tensor that opts name: their
// memory may be somebody else's by now.
func (e *adder[T]) Add(a, b tensor.Tensor, opts ...tensor.FuncOpt) (tensor.Tensor, error) {
	x, ok := a.(*tensor.Dense)
	y, same := b.(*tensor.Dense)
	if !ok || !same || !x.Shape().Eq(y.Shape()) || e.next >= len(e.out) {
		return e.StdEng.Add(a, b, opts...)
	}
	s := &e.out[e.next]
	e.next++
	data := s.buffer.mat(1, len(floats[T](x))).Data
	kernel.Sum(data, floats[T](x), floats[T](y))
	if s.last == nil || !s.last.Shape().Eq(x.Shape()) || &floats[T](s.last)[0] != &data[0] {
		s.last = dense(data, x.Shape()...)
	}
	return s.last, nil
}

// Machine runs a graph. It is not safe for concurrent use.
type Machine[T kernel.Float] struct {
	vm           G.VM
	engine       *adder[T]
	instructions int
}

// Run computes every node, on a core that counts as occupied meanwhile.
func (m *Machine[T]) Run() error {
	kernel.Occupy()
	defer kernel.Vacate()
	m.engine.next = 0
	m.vm.Reset()
	return m.vm.RunAll()
}

// Instructions is how many nodes a run computes.
func (m *Machine[T]) Instructions() int { return m.instructions }

// Close gives back what the machine holds.
func (m *Machine[T]) Close() error { return m.vm.Close() }

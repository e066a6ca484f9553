package ops

import (
	"sync"

	G "gorgonia.org/gorgonia"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Sum adds up the gradients that several replicas, each on a goroutine of its
// own, find for the same parameters: into memory that all share, and for every
// parameter replica after replica, so that the sum is the same bits every time.
type Sum[T kernel.Float] struct {
	lock    sync.Mutex
	next    sync.Cond
	params  []*param[T]
	active  int  // replicas that take part in this round
	goesOn  bool // the round adds to what is there
	aborted bool // a replica failed: nobody waits any more
}

// param is one parameter of a sum.
type param[T kernel.Float] struct {
	to      []T     // where its gradient goes
	added   int     // replicas that have added theirs in this round
	touched []int32 // of an embedding table: the rows that may differ from 0
	marked  []bool  // the same, by row
}

// NewSum makes an empty sum.
func NewSum[T kernel.Float]() *Sum[T] {
	s := &Sum[T]{}
	s.next.L = &s.lock
	return s
}

// Add makes the gradients of one parameter, a node per replica, go to the memory
// at to from now on. It reports false, and changes nothing, where they are not
// of a kind that can: their values are then to be added by whoever runs them.
func (s *Sum[T]) Add(to []T, replicas ...*G.Node) bool {
	p := &param[T]{to: to}
	var all []summand[T]
	for _, n := range replicas {
		o, ok := n.Op().(*op[T])
		if !ok {
			return false
		}
		c, ok := o.computer.(summand[T])
		if !ok {
			return false
		}
		all = append(all, c)
	}
	for i, c := range all {
		c.addTo(&addend[T]{s, p, i})
	}
	s.params = append(s.params, p)
	return true
}

// Begin starts a round in which the first active replicas run. With goesOn the
// round adds to the sum so far, otherwise it starts anew.
func (s *Sum[T]) Begin(active int, goesOn bool) {
	s.active, s.goesOn, s.aborted = active, goesOn, false
	for _, p := range s.params {
		p.added = 0
	}
}

// Abort lets every replica that waits for its turn go on; the sum is then worth
// nothing.
func (s *Sum[T]) Abort() {
	s.lock.Lock()
	s.aborted = true
	s.lock.Unlock()
	s.next.Broadcast()
}

// summand is the computer of a gradient that can go into a sum.
type summand[T kernel.Float] interface{ addTo(*addend[T]) }

// addend is one replica's share of a parameter's sum.
type addend[T kernel.Float] struct {
	sum     *Sum[T]
	param   *param[T]
	replica int
}

// turn waits until the replicas before have added theirs. It returns the memory
// of the sum, and whether to add to it or to overwrite it. The caller ends its
// turn with done.
func (a *addend[T]) turn() (to []T, add bool) {
	s := a.sum
	s.lock.Lock()
	defer s.lock.Unlock()
	for a.param.added != a.replica && !s.aborted {
		s.next.Wait()
	}
	return a.param.to, a.replica > 0 || s.goesOn
}

func (a *addend[T]) done() {
	a.sum.lock.Lock()
	a.param.added++
	a.sum.lock.Unlock()
	a.sum.next.Broadcast()
}

// put adds x, the whole gradient of a vector or a small matrix.
func (a *addend[T]) put(x []T) {
	to, add := a.turn()
	if add {
		kernel.Add(to, x)
	} else {
		copy(to, x)
	}
	a.done()
}

// putRows adds x[i,:] to row rows[i] of a table, each row named once.
func (a *addend[T]) putRows(x []T, cols int, rows []int32) {
	to, add := a.turn()
	p := a.param
	if !add {
		for _, r := range p.touched {
			clear(to[int(r)*cols : (int(r)+1)*cols])
			p.marked[r] = false
		}
		p.touched = p.touched[:0]
	}
	p.marked = grow(p.marked, len(to)/cols)
	for _, r := range rows {
		if !p.marked[r] {
			p.marked[r] = true
			p.touched = append(p.touched, r)
		}
	}
	kernel.ScatterAdd(to, x, cols, rows)
	a.done()
}

package ops

import (
	"fmt"
	"sync"

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

	lacking int               // parameters, the first ones, that the round is not through with
	ready   func(lacking int) // told of these as they become fewer; nil: nobody is
}

// param is one parameter of a sum.
type param[T kernel.Float] struct {
	to      []T         // where its gradient goes
	added   int         // replicas that have added theirs in this round
	shares  []*share[T] // by replica
	touched []int32     // of an embedding table: the rows that may differ from 0
	marked  []bool      // the same, by row
}

// Part is one replica's gradient of a parameter, or of a stretch of it: the node,
// and how far into the parameter it begins.
type Part struct {
	Node *Node
	At   int
}

// NewSum makes an empty sum.
func NewSum[T kernel.Float]() *Sum[T] {
	s := &Sum[T]{}
	s.next.L = &s.lock
	return s
}

// Add makes the gradients of one parameter go to the memory at to from now on: for
// every replica a part, or several where the network uses the parameter in several
// places. It changes nothing, and reports a gradient whose op cannot add to a sum:
// of what a network learns, every op must be able to.
//
// Of a parameter in several places every replica but the first keeps a sum of its
// own, so that none has to wait for another before it is through with all places.
func (s *Sum[T]) Add(to []T, replicas ...[]Part) error {
	p := &param[T]{to: to}
	var all []func()
	for i, parts := range replicas {
		h := &share[T]{places: len(parts)}
		if i > 0 && len(parts) > 1 {
			h.own = kernel.Make[T](len(to))
		}
		p.shares = append(p.shares, h)
		for _, part := range parts {
			c, ok := summandOf[T](part.Node)
			if !ok {
				return fmt.Errorf("ops: the gradient %v cannot be added to a sum, want an op that has addTo", part.Node.Op())
			}
			end := part.At + part.Node.Shape().TotalSize()
			all = append(all, func() { c.addTo(&addend[T]{s, p, i, part.At, end}) })
		}
	}
	for _, connect := range all {
		connect()
	}
	s.params = append(s.params, p)
	return nil
}

// Begin starts a round in which the first active replicas run. With goesOn the
// round adds to the sum so far, otherwise it starts anew. ready, unless it is nil, is told
// how many parameters, the first that were added, still lack a gradient, each time that
// their number falls: one call at a time, by the replica that has added what was lacking.
func (s *Sum[T]) Begin(active int, goesOn bool, ready func(lacking int)) {
	s.active, s.goesOn, s.aborted = active, goesOn, false
	s.lacking, s.ready = len(s.params), ready
	for _, p := range s.params {
		p.added = 0
		for _, h := range p.shares {
			h.done = 0
		}
	}
	s.note() // no replica, nothing lacks
}

// note counts, with the lock where replicas run, the parameters that lack something.
func (s *Sum[T]) note() {
	before := s.lacking
	for s.lacking > 0 && s.params[s.lacking-1].added == s.active {
		s.lacking--
	}
	if s.ready != nil && s.lacking < before {
		s.ready(s.lacking)
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

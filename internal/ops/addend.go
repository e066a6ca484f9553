package ops

import (
	"github.com/powerbert/powerbert/internal/kernel"
)

// summand is the Computer of a gradient that can go into a sum.
type summand[T kernel.Float] interface{ addTo(*addend[T]) }

func summandOf[T kernel.Float](n *Node) (summand[T], bool) {
	o, ok := n.Op().(*op[T])
	if !ok {
		return nil, false
	}
	c, ok := o.Computer.(summand[T])
	return c, ok
}

// share is what one replica has of a parameter that the network uses in several
// places: the sum over them, as far as the run has come.
type share[T kernel.Float] struct {
	own    []T // nil in the first replica, which adds to the sum itself
	places int
	done   int // places whose gradient is in
}

// addend is what one replica adds to a parameter's sum in one place.
type addend[T kernel.Float] struct {
	sum      *Sum[T]
	param    *param[T]
	replica  int
	from, to int // of the parameter
}

// turn waits until the replicas before have added theirs. It returns the memory
// to put the gradient in, and whether to add to it or to overwrite it. The caller
// ends its turn with done.
func (a *addend[T]) turn() (to []T, add bool) {
	h := a.param.shares[a.replica]
	if h.places > 1 {
		return a.place(h), true
	}
	a.wait()
	return a.param.to[a.from:a.to], a.replica > 0 || a.sum.goesOn
}

// place is the memory of this place's share, which the first place of a run clears.
func (a *addend[T]) place(h *share[T]) []T {
	to, fresh := h.own, h.done == 0
	if a.replica == 0 {
		to, fresh = a.param.to, fresh && !a.sum.goesOn
	}
	if fresh {
		clear(to)
	}
	return to[a.from:a.to]
}

func (a *addend[T]) wait() {
	s := a.sum
	s.lock.Lock()
	defer s.lock.Unlock()
	for a.param.added != a.replica && !s.aborted {
		s.next.Wait()
	}
}

// done ends a turn, the replica's with its last place.
func (a *addend[T]) done() {
	h := a.param.shares[a.replica]
	if h.done++; h.done < h.places {
		return
	}
	if h.own != nil {
		a.wait()
		kernel.Add(a.param.to, h.own)
	}
	a.sum.lock.Lock()
	a.param.added++
	a.sum.note()
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
	defer a.done()
	p := a.param
	if p.shares[a.replica].places > 1 {
		kernel.ScatterAdd(to, x, cols, rows)
		return
	}
	if !add {
		for _, r := range p.touched {
			clear(to[int(r)*cols : (int(r)+1)*cols])
			p.marked[r] = false
		}
		p.touched = p.touched[:0]
	}
	p.marked = kernel.Room(p.marked, len(to)/cols)
	for _, r := range rows {
		if !p.marked[r] {
			p.marked[r] = true
			p.touched = append(p.touched, r)
		}
	}
	kernel.ScatterAdd(to, x, cols, rows)
}

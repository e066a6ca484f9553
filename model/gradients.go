package model

import (
	"cmp"
	"errors"
	"slices"
	"sync"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
)

// Gradients runs replicas of a network, each on a goroutine of its own, and sums
// their gradients: parameter by parameter, replica after replica, so that the sum
// is the same bits every time. The ops add to the sum themselves, as soon as they
// have something to add. A parameter that the network uses in several places,
// as ALBERT does with its encoder, has the sum over them.
type Gradients[T kernel.Float] struct {
	Theta []T // the sum, laid out as the arena of the parameters
	R     []T // of soft extraction, laid out as r; nil without it

	nets []*Net[T]
	sum  *ops.Sum[T]
	from []int // where each stretch of the sum begins, in the order of the arena
}

// NewGradients prepares to sum the gradients of nets, which were built for
// training, of equal use, over the same parameters. It reports a gradient that cannot be
// summed so.
func NewGradients[T kernel.Float](nets ...*Net[T]) (*Gradients[T], error) {
	first := nets[0]
	g := &Gradients[T]{Theta: kernel.Make[T](len(first.params.Arena())), nets: nets, sum: ops.NewSum[T]()}
	if first.use.Soft {
		g.R = make([]T, len(first.soft.R))
	}
	for _, s := range first.stretches() {
		replicas := make([][]ops.Part, len(nets))
		for i, n := range nets {
			for _, p := range s.places {
				replicas[i] = append(replicas[i], ops.Part{Node: n.grads[p.bound], At: p.from - s.from})
			}
		}
		if err := g.sum.Add(g.Theta[s.from:s.to], replicas...); err != nil {
			return nil, err
		}
		g.from = append(g.from, s.from)
	}
	return g, nil
}

// A stretch is part of the arena that the network uses as one, in one place or
// several.
type stretch struct {
	from, to int
	places   []place
}

// A place is the use of a part of the arena: n.bound[bound].
type place struct{ from, to, bound int }

// stretches are the parameters in the order of the arena. What overlaps is one.
func (n *Net[T]) stretches() (all []stretch) {
	var places []place
	for i, b := range n.bound {
		t, _ := n.params.Lookup(b.First)
		from := t.Offset + b.At
		places = append(places, place{from, from + b.Node.Shape().TotalSize(), i})
	}
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(a.from, b.from) })
	for _, p := range places {
		if last := len(all) - 1; last >= 0 && p.from < all[last].to {
			all[last].to = max(all[last].to, p.to)
			all[last].places = append(all[last].places, p)
			continue
		}
		all = append(all, stretch{p.from, p.to, []place{p}})
	}
	return all
}

// From is where the gradients in Theta begin: what lies before it is frozen.
func (g *Gradients[T]) From() int { return g.from[0] }

// Run runs the first active replicas on their batches. Their gradients are added
// to the sum if goesOn is set; otherwise they start it anew.
//
// Run tells ready, unless that is nil, from where on Theta is what it will be after the run,
// as soon as it is: the backward pass begins at the end of Theta and comes to From with its
// last gradients. One goroutine at a time tells, while others go on. Where a replica fails
// ready may not hear of all.
func (g *Gradients[T]) Run(active int, goesOn bool, ready func(from int)) error {
	var told func(int)
	if ready != nil {
		told = func(lacking int) { ready(g.from[lacking]) }
	}
	g.sum.Begin(active, goesOn, told)
	errs := make([]error, active)
	var wait sync.WaitGroup
	for i, n := range g.nets[:active] {
		wait.Go(func() {
			if errs[i] = n.Forward(); errs[i] != nil {
				g.sum.Abort()
			}
		})
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for i, n := range g.nets[:active] {
		for j, r := range n.rGrads {
			put(g.R[j*n.soft.Length:], Values[T](r), i > 0 || goesOn)
		}
	}
	return nil
}

func put[T kernel.Float](to, x []T, add bool) {
	if add {
		kernel.Add(to[:len(x)], x)
	} else {
		copy(to, x)
	}
}

package model

import (
	"errors"
	"sync"

	G "gorgonia.org/gorgonia"

	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
)

// Gradients runs replicas of a network, each on a goroutine of its own, and sums
// their gradients: parameter by parameter, replica after replica, so that the sum
// is the same bits every time. Most ops add to the sum themselves, as soon as
// they have something to add.
type Gradients[T kernel.Float] struct {
	Theta []T // the sum, laid out as the arena of the parameters
	R     []T // of soft extraction, laid out as r; nil without it

	nets []*Net[T]
	sum  *ops.Sum[T]
	rest []gradient // of the first net; those that Run adds
}

// gradient is the nodes of a gradient, one per replica, and where it belongs.
type gradient struct {
	nodes G.Nodes
	at    int
}

// NewGradients prepares to sum the gradients of nets, which were built for
// training, of equal use, over the same parameters.
func NewGradients[T kernel.Float](nets ...*Net[T]) *Gradients[T] {
	first := nets[0]
	g := &Gradients[T]{Theta: kernel.Make[T](len(first.params.Arena())), nets: nets, sum: ops.NewSum[T]()}
	if first.use.Soft {
		g.R = make([]T, len(first.soft.R))
	}
	for i, bound := range first.bound {
		var nodes G.Nodes
		for _, n := range nets {
			nodes = append(nodes, n.grads[i])
		}
		t, _ := first.params.Lookup(bound.First)
		size := bound.Node.Shape().TotalSize()
		if !g.sum.Add(g.Theta[t.Offset:t.Offset+size], nodes...) {
			g.rest = append(g.rest, gradient{nodes, t.Offset})
		}
	}
	return g
}

// Run runs the first active replicas on their batches. Their gradients are added
// to the sum if goesOn is set; otherwise they start it anew.
func (g *Gradients[T]) Run(active int, goesOn bool) error {
	g.sum.Begin(active, goesOn)
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
	for _, r := range g.rest {
		for i, n := range r.nodes[:active] {
			put(g.Theta[r.at:], Values[T](n), i > 0 || goesOn)
		}
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

package optim

import (
	"sync"
	"sync/atomic"

	"github.com/powerbert/powerbert/internal/kernel"
)

// partSize is the most elements of a part: small enough for the second-level
// cache with its gradient and moments, and for goroutines to share the work.
const partSize = 1 << 14

// part is a piece of one parameter. The pieces are the same however many
// goroutines there are.
type part[T kernel.Float] struct {
	group      *Group[T]
	w, g, m, v []T
	squares    float64 // Σ g² at this step
}

// update is the numbers of one step.
type update struct {
	Config
	scale        float64 // the schedule's factor
	shrink       float64 // of clipping
	corr1, corr2 float64 // 1 − βᵗ
}

// split cuts a parameter into parts.
func split[T kernel.Float](group *Group[T], p *trained[T]) []part[T] {
	var parts []part[T]
	for from := 0; from < len(p.m); from += partSize {
		to := min(from+partSize, len(p.m))
		parts = append(parts, part[T]{group: group, w: p.Value[from:to], g: p.Grad[from:to], m: p.m[from:to], v: p.v[from:to]})
	}
	return parts
}

// measure sums the squares of the gradient, in float64.
func (p *part[T]) measure() { p.squares = kernel.SumSquares(p.g) }

// apply updates the weights of p.
func (p *part[T]) apply(u *update) {
	if u.shrink < 1 && !p.group.Unclipped {
		kernel.Scale(p.g, p.g, T(u.shrink))
	}
	kernel.AdamW(p.w, p.m, p.v, p.g, p.group.LR*u.scale, u.Beta1, u.Beta2, u.Eps, p.group.WeightDecay, u.corr1, u.corr2)
	if p.group.Project {
		for i, w := range p.w {
			p.w[i] = min(max(w, 0), 1)
		}
	}
}

// work measures p, or applies an update if there is one.
func (p *part[T]) work(u *update) {
	if u == nil {
		p.measure()
		return
	}
	p.apply(u)
}

// each lets every part work, on as many goroutines as configured. A function in
// place of u would be made anew at every step.
func (a *AdamW[T]) each(u *update) {
	if a.config.Workers < 2 {
		for i := range a.parts {
			a.parts[i].work(u)
		}
		return
	}
	a.share(u)
}

// share is each on several goroutines.
func (a *AdamW[T]) share(u *update) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(a.config.Workers, len(a.parts)) {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(a.parts)); i = next.Add(1) - 1 {
				a.parts[i].work(u)
			}
		})
	}
	wait.Wait()
}

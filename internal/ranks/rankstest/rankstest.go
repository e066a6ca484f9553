// Package rankstest is a job of several ranks for tests: goroutines of one process.
package rankstest

import (
	"errors"
	"sync"

	"github.com/powerbert/powerbert/internal/ranks"
)

// ErrLeft is the error of an operation that a rank has left its job before.
var ErrLeft = errors.New("rankstest: a rank has left")

// Run runs f as every rank of a job, each on a goroutine of its own, and returns their
// errors by rank. A rank whose f returns an error has left: the operations of the others
// fail from then on.
func Run(size int, f func(ranks.Peers) error) []error {
	j := &job{size: size}
	j.changed.L = &j.lock
	errs := make([]error, size)
	var wait sync.WaitGroup
	for rank := range size {
		wait.Go(func() {
			if errs[rank] = f(&peer{j, rank}); errs[rank] != nil {
				j.leave()
			}
		})
	}
	wait.Wait()
	return errs
}

// A job is what its ranks share: the operation under way.
type job struct {
	lock    sync.Mutex
	changed sync.Cond
	size    int
	left    bool  // a rank has failed
	in      []any // slices of the ranks that have come, by rank
	came    int
	round   int // operations that are done
}

func (j *job) leave() {
	j.lock.Lock()
	j.left = true
	j.lock.Unlock()
	j.changed.Broadcast()
}

// meet waits until all ranks have come with their slices, of which the last to come makes
// what all shall have.
func (j *job) meet(rank int, x any, do func(in []any)) error {
	j.lock.Lock()
	defer j.lock.Unlock()
	if j.came == 0 {
		j.in = make([]any, j.size)
	}
	j.in[rank] = x
	round := j.round
	if j.came++; j.came == j.size {
		do(j.in)
		j.came = 0
		j.round++
		j.changed.Broadcast()
	}
	for j.round == round && !j.left {
		j.changed.Wait()
	}
	if j.round == round {
		return ErrLeft
	}
	return nil
}

// A peer is one rank.
type peer struct {
	*job
	rank int
}

func (p *peer) Rank() int { return p.rank }
func (p *peer) Size() int { return p.size }

func (p *peer) AllReduce(x []float32) error   { return p.meet(p.rank, x, sum[float32]) }
func (p *peer) AllReduce64(x []float64) error { return p.meet(p.rank, x, sum[float64]) }

func (p *peer) Broadcast(x []byte) error {
	return p.meet(p.rank, x, func(in []any) {
		for _, to := range in[1:] {
			if copy(to.([]byte), in[0].([]byte)) != len(to.([]byte)) {
				panic("rankstest: ranks broadcast slices of different lengths")
			}
		}
	})
}

// sum adds up slices, rank after rank, and gives all of them the sum.
func sum[T float32 | float64](in []any) {
	first := in[0].([]T)
	for _, other := range in[1:] {
		for i, v := range other.([]T) {
			first[i] += v
		}
	}
	for _, other := range in[1:] {
		copy(other.([]T), first)
	}
}

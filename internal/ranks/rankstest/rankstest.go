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
			if errs[rank] = f(&peer{job: j, rank: rank}); errs[rank] != nil {
				j.leave()
			}
		})
	}
	wait.Wait()
	return errs
}

// A job is what its ranks share: the operations that one of them has begun.
type job struct {
	lock    sync.Mutex
	changed sync.Cond
	size    int
	left    bool // a rank has failed
	begun   []*operation
}

// An operation is carried out by the last rank that begins it, at once: so whoever begins
// before its slice is what it shall be is found out.
type operation struct {
	in   []any // slices of the ranks that have begun, by rank
	came int
	done bool
}

func (j *job) leave() {
	j.lock.Lock()
	j.left = true
	j.lock.Unlock()
	j.changed.Broadcast()
}

// wait waits until an operation is done.
func (j *job) wait(o *operation) error {
	j.lock.Lock()
	defer j.lock.Unlock()
	for !o.done && !j.left {
		j.changed.Wait()
	}
	if !o.done {
		return ErrLeft
	}
	return nil
}

// A peer is one rank.
type peer struct {
	*job
	rank  int
	calls int // operations that it has begun
}

func (p *peer) Rank() int { return p.rank }
func (p *peer) Size() int { return p.size }

// begin begins the next operation on this rank's slice; do makes what all shall have.
func (p *peer) begin(x any, do func(in []any)) (end func() error) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.calls == len(p.begun) {
		p.begun = append(p.begun, &operation{in: make([]any, p.size)})
	}
	o := p.begun[p.calls]
	p.calls++
	o.in[p.rank] = x
	if o.came++; o.came == p.size {
		do(o.in)
		o.in, o.done = nil, true
		p.changed.Broadcast()
	}
	return func() error { return p.wait(o) }
}

func (p *peer) BeginAllReduce(x []float32) (end func() error) { return p.begin(x, sum[float32]) }
func (p *peer) AllReduce64(x []float64) error                 { return p.begin(x, sum[float64])() }

func (p *peer) Broadcast(x []byte) error {
	return p.begin(x, func(in []any) {
		for _, to := range in[1:] {
			if copy(to.([]byte), in[0].([]byte)) != len(to.([]byte)) {
				panic("rankstest: ranks broadcast slices of different lengths")
			}
		}
	})()
}

// sum adds up slices, rank after rank, and gives all of them the sum.
func sum[T float32 | float64](in []any) {
	first := in[0].([]T)
	for _, other := range in[1:] {
		if len(other.([]T)) != len(first) {
			panic("rankstest: ranks sum slices of different lengths")
		}
		for i, v := range other.([]T) {
			first[i] += v
		}
	}
	for _, other := range in[1:] {
		copy(other.([]T), first)
	}
}

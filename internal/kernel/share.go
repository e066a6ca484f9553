package kernel

import (
	"runtime"
	"sync/atomic"
	"time"
)

// occupied counts the goroutines that work on a core: one per run of a network,
// and the helpers that Share called in.
var occupied atomic.Int64

// Occupy says that the caller works on a core until it calls Vacate, so that Share
// calls in no helper for it.
func Occupy() { occupied.Add(1) }

// Vacate ends Occupy.
func Vacate() { occupied.Add(-1) }

// Share runs f(0) … f(n−1), in any order, on the caller's core and on those that
// nobody occupies. f must not depend on the order: the pieces are the same however
// many cores there are, so the result is, too.
func Share(n int, f func(i int)) {
	j := &job{n: int64(n), f: f}
	cores := runtime.GOMAXPROCS(0)
	called := helpers[:max(0, min(n-1, cores-1, len(helpers)))]
	if len(called) > 0 {
		j.processor = processor()
	}
	for i := range called {
		called[i].call(j, int64(cores))
	}
	j.work()
	for i := range called {
		called[i].recall(j)
	}
	for spins := 0; j.helpers.Load() > 0; spins++ {
		if spins > 1<<14 { // a helper has lost its core
			runtime.Gosched()
		}
	}
}

// Each runs f(0) … f(n−1), in any order: the help that an operation has, as Share; nil
// where there is none but the caller's core.
type Each func(n int, f func(i int))

// shareFrom is the multiply-adds from which on cores share an operation: some twenty
// microseconds of one. Below, the other core would gain little.
const shareFrom = 1 << 20

// Worth tells whether an operation of so many multiply-adds is worth help.
func (e Each) Worth(size int) bool { return e != nil && size >= shareFrom }

// Run runs f(0) … f(n−1), size multiply-adds in all: with the help of e if that is worth
// it, otherwise one after another.
func (e Each) Run(n, size int, f func(i int)) {
	if e.Worth(size) {
		e(n, f)
		return
	}
	for i := range n {
		f(i)
	}
}

// job is one call of Share.
type job struct {
	n       int64
	next    atomic.Int64
	f       func(i int)
	helpers atomic.Int64 // called to it, or at work on it

	processor int32 // that the caller ran on
}

// nowhere is the processor of a thread of which that is not known.
const nowhere = -1

// work does pieces as long as there are any.
func (j *job) work() {
	for i := j.next.Add(1) - 1; i < j.n; i = j.next.Add(1) - 1 {
		j.f(int(i))
	}
}

// helpers are goroutines that take part in one job after another. To wake a thread
// takes longer than many a job, so a helper that has done one keeps its core for a
// little while, ready for the next.
var helpers [63]helper

type helper struct{ job atomic.Pointer[job] } // nil: there is no goroutine

// ready is the job of a helper that waits for one, busy that of one at work.
var ready, busy job

// patience is how long a helper waits for its next job.
const patience = 200 * time.Microsecond

// call has the helper take part in j if it is ready, or if it is not there and one
// of the cores is free for it.
func (h *helper) call(j *job, cores int64) {
	j.helpers.Add(1)
	if h.job.CompareAndSwap(&ready, j) {
		return
	}
	if occupied.Add(1) <= cores && h.job.CompareAndSwap(nil, j) {
		go h.run()
		return
	}
	occupied.Add(-1)
	j.helpers.Add(-1)
}

// recall has the helper leave j alone if it has not begun: its thread may still wait for a
// core, and the caller need not.
func (h *helper) recall(j *job) {
	if h.job.CompareAndSwap(j, &ready) {
		j.helpers.Add(-1)
	}
}

func (h *helper) run() {
	defer Vacate()
	for {
		h.take()
		if !h.wait() {
			return
		}
	}
}

// take works on the job that h is called to, unless it has been recalled.
func (h *helper) take() {
	j := h.job.Load()
	if j == &ready {
		return
	}
	if p := processor(); p == j.processor && p != nowhere {
		depart(p) // or it would keep the caller from its own pieces
	}
	if !h.job.CompareAndSwap(j, &busy) {
		return
	}
	j.work()
	h.job.Store(&ready) // before the caller, who may call again at once, knows
	j.helpers.Add(-1)
}

// wait waits for a job; false where the helper has gone, having waited in vain.
func (h *helper) wait() bool {
	for since := time.Now(); time.Since(since) < patience; {
		for range 64 {
			if h.job.Load() != &ready {
				return true
			}
		}
	}
	return !h.job.CompareAndSwap(&ready, nil)
}

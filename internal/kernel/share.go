package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"
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
	helpers := idle(n - 1)
	if helpers == 0 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	work := func() {
		for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
			f(int(i))
		}
	}
	var wait sync.WaitGroup
	for range helpers {
		wait.Go(func() {
			defer Vacate()
			work()
		})
	}
	work()
	wait.Wait()
}

// idle occupies as many cores as are free, at most n, and says how many.
func idle(n int) (got int) {
	cores := int64(runtime.GOMAXPROCS(0))
	for got < n {
		o := occupied.Load()
		if o >= cores {
			break
		}
		if occupied.CompareAndSwap(o, o+1) {
			got++
		}
	}
	return got
}

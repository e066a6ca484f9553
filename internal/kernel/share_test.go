package kernel

import (
	"slices"
	"sync"
	"testing"
	"time"
)

func TestShareRunsEveryPieceOnce(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 100} {
		done := make([]int, n)
		Share(n, func(i int) { done[i]++ })
		for i, d := range done {
			if d != 1 {
				t.Errorf("piece %d of %d ran %d times", i, n, d)
			}
		}
	}
	for wait := time.Now(); occupied.Load() != 0; time.Sleep(time.Millisecond) {
		if time.Since(wait) > 5*time.Second {
			t.Fatalf("%d cores stay occupied", occupied.Load())
		}
	}
}

// Several callers may share at once; each gets all its pieces done.
func TestShareOfManyCallers(t *testing.T) {
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for n := range 200 {
				done := make([]int, n)
				Share(n, func(i int) { done[i]++ })
				if slices.Contains(done, 0) {
					t.Errorf("of %d pieces some were not done", n)
				}
			}
		})
	}
	wait.Wait()
}

// Without help, and where it is not worth it, the caller does all pieces in order.
func TestEachHelpsWhereItIsWorthIt(t *testing.T) {
	var helped int
	help := Each(func(n int, f func(i int)) {
		helped++
		Share(n, f)
	})
	for _, c := range []struct {
		each Each
		size int
		want int // times help was asked
	}{{nil, 1 << 30, 0}, {help, shareFrom - 1, 0}, {help, shareFrom, 1}} {
		helped = 0
		done := make([]int, 9)
		c.each.Run(len(done), c.size, func(i int) { done[i]++ })
		if helped != c.want || slices.Max(done) != 1 || slices.Min(done) != 1 {
			t.Errorf("size %d: help was asked %d times, want %d; pieces ran %v times", c.size, helped, c.want, done)
		}
		if worth := c.each.Worth(c.size); worth != (c.want > 0) {
			t.Errorf("size %d: worth help is %v", c.size, worth)
		}
	}
}

// Who has done all pieces does not wait for a helper that has not begun, which then leaves
// the job alone; one that has begun is waited for.
func TestShareRecallsWhoHasNotBegun(t *testing.T) {
	var h helper
	var ran int
	j := &job{n: 1, f: func(int) { ran++ }}
	called := func() {
		j.helpers.Add(1)
		h.job.Store(j)
	}
	called()
	h.recall(j)
	h.take()
	if ran != 0 || j.helpers.Load() != 0 || h.job.Load() != &ready {
		t.Errorf("recalled: %d pieces ran, %d helpers, want none, and the helper ready", ran, j.helpers.Load())
	}
	called()
	j.f = func(int) { h.recall(j); ran++ }
	h.take()
	if ran != 1 || j.helpers.Load() != 0 || h.job.Load() != &ready {
		t.Errorf("recalled at work: %d pieces ran, %d helpers, want 1 and none, and the helper ready", ran, j.helpers.Load())
	}
}

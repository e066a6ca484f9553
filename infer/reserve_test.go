package infer

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/powerbert/powerbert/internal/kernel"
)

// A run with two of four cores to itself has one that helps it, and all of them when the
// others are given back.
func TestReserveLeavesCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	kernel.Occupy() // the run
	defer kernel.Vacate()
	release := reserve(2)
	if !meetSoon(2) {
		t.Error("no core helps, want one")
	}
	if meet(3, 50*time.Millisecond) {
		t.Error("two cores help, want one")
	}
	release()
	if !meetSoon(4) {
		t.Error("not all cores help after the release")
	}
}

// meetSoon is meet, tried again where a core was just about to be given back.
func meetSoon(n int) bool {
	for range 20 {
		if meet(n, 2*time.Second) {
			return true
		}
	}
	return false
}

// meet tells whether n pieces of work are under way at once, for which each waits.
func meet(n int, patience time.Duration) bool {
	var here sync.WaitGroup
	here.Add(n)
	all := make(chan struct{})
	go func() { here.Wait(); close(all) }()
	var late atomic.Bool
	kernel.Share(n, func(int) {
		here.Done()
		select {
		case <-all:
		case <-time.After(patience):
			late.Store(true)
		}
	})
	return !late.Load()
}

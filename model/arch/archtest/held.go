package archtest

import (
	"runtime"
	"testing"
)

// Held returns how many float32 values the heap comes to hold by running a network on its
// batch, twice: work memory has its size from the second run on.
func Held(t testing.TB, run func() error) int {
	t.Helper()
	before := inUse()
	for range 2 {
		if err := run(); err != nil {
			t.Fatal(err)
		}
	}
	after := inUse()
	runtime.KeepAlive(run)
	return (after - before) / 4
}

// inUse is the bytes of the heap that something refers to.
func inUse() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

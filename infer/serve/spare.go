package serve

import (
	"runtime"
	"sync/atomic"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Spare gives the program threads more than it has cores, and returns how many cores that
// are, for Options.Workers: for the large bodies that are taken and dropped at once, for the
// short texts that pass beside, and one that waits for what comes. Where all cores compute, the system
// then lets the thread that has a short request go first, where Go's own scheduler makes it
// wait 10 ms for its turn. No operation takes the threads for idle cores. It is for programs
// that do nothing but serve, once.
func Spare() (cores int) {
	cores = runtime.GOMAXPROCS(0)
	alone.Store(cores == 1)
	more := 2*turnsOf(cores) + 2
	runtime.GOMAXPROCS(cores + more)
	for range more {
		kernel.Occupy()
	}
	return cores
}

// alone tells that no other core helps with an operation.
var alone atomic.Bool

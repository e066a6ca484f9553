package serve

import (
	"runtime"

	"github.com/powerbert/powerbert/internal/kernel"
)

// Spare gives the program a thread more than it has cores, and returns how many cores that
// are, for Options.Workers. Where all cores compute, the system then lets the thread that
// has a short request to read go first, where Go's own scheduler makes it wait 10 ms for its
// turn. No operation takes the thread for an idle core. It is for programs that do nothing
// but serve, once.
func Spare() (cores int) {
	cores = runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(cores + 1)
	kernel.Occupy()
	return cores
}

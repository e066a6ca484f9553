//go:build !mpi

package ranks

import (
	"fmt"
	"time"
)

// Join is for a process that is alone: it returns nil. It refuses to be one of several,
// which would each do all of the work.
func Join(time.Duration) (*Job, error) {
	if rank, size, by := Launched(); size > 1 {
		return nil, fmt.Errorf("this is process %d of %d (%s), but this train was built without MPI, and each would train by itself; "+
			"build it with `CGO_ENABLED=1 go build -tags mpi ./cmd/train`, which needs a C compiler and libopenmpi-dev, or start one process", rank, size, by)
	}
	return nil, nil
}

// A Job is what a process joins with the build tag mpi.
type Job struct{ Peers }

// Name says which rank this is, and where.
func (*Job) Name() string { return "" }

// Here is how many ranks are on this machine.
func (*Job) Here() int { return 1 }

// Leave ends this process's part.
func (*Job) Leave(failed bool, code int) {}

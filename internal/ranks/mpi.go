//go:build mpi

package ranks

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// A Job is the processes that a launcher of MPI has started, as one of them sees them.
//
// One thread makes all calls of MPI (thread.c): it carries out what the operations ask for,
// beside what the process computes, and in between tells rank 0 from time to time that this rank
// is there, and hears from it. So a rank that computes for long, as rank 0 does while it
// evaluates, is not taken for dead, and one that is stopped, or whose machine is gone, is:
// whoever has not heard of it for the job's patience says so and ends the job. Ranks but 0
// listen to rank 0 alone.
type Job struct {
	rank, size int
	names      []string      // of the machines, by rank
	code       int           // to exit with, where the job is broken off
	left       chan struct{} // closed when MPI is done with
}

// Join joins the job that a launcher has started this process in; nil where none has. A
// rank that is not heard of for as long as patience ends the job.
func Join(patience time.Duration) (*Job, error) {
	if _, size, _ := Launched(); size < 2 {
		return nil, nil
	}
	if patience < time.Second {
		return nil, fmt.Errorf("--rank-timeout is %v, want 1s or more", patience)
	}
	j := &Job{left: make(chan struct{})}
	begun := make(chan error)
	go j.thread(patience, begun)
	if err := <-begun; err != nil {
		return nil, err
	}
	if _, told, by := Launched(); told != j.size {
		return nil, fmt.Errorf("%s is %d, but MPI says that there are %d processes: the launcher is of another MPI than this train was built with", by, told, j.size)
	}
	if j.rank == 0 {
		go obeyUSR1()
	}
	return j, nil
}

// obeyUSR1 takes SIGUSR1, which mpirun hands on to all ranks, for SIGTERM: that mpirun itself
// is sent, or Ctrl-C, leaves a second to save.
func obeyUSR1() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	<-c
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGTERM)
}

// Rank is the number of this process.
func (j *Job) Rank() int { return j.rank }

// Size is how many processes there are.
func (j *Job) Size() int { return j.size }

// Name says which rank this is, and where.
func (j *Job) Name() string { return j.name(j.rank) }

// name says which rank one is, and where.
func (j *Job) name(rank int) string { return fmt.Sprintf("rank %d on %s", rank, j.names[rank]) }

// Here is how many ranks are on this machine.
func (j *Job) Here() (ranks int) {
	for _, name := range j.names {
		if name == j.names[j.rank] {
			ranks++
		}
	}
	return ranks
}

// BeginAllReduce begins to replace x by its sum over the ranks.
func (j *Job) BeginAllReduce(x []float32) (end func() error) { return inPieces(sumKind, x, false) }

// AllReduce64 replaces x by its sum over the ranks.
func (j *Job) AllReduce64(x []float64) error { return inPieces(sum64Kind, x, false)() }

// Broadcast replaces x by that of rank 0.
func (j *Job) Broadcast(x []byte) error { return inPieces(broadcastKind, x, j.rank > 0)() }

// most is the most elements of an operation, which MPI counts in an int.
const most = 1 << 28

// inPieces begins an operation on x, piece by piece.
func inPieces[T any](k kind, x []T, rests bool) (end func() error) {
	var ends []func()
	for piece := range slices.Chunk(x, most) {
		ends = append(ends, begin(k, piece, rests))
	}
	return func() error {
		for _, end := range ends {
			end()
		}
		return nil
	}
}

// Leave ends this process's part when all ranks do; where something has failed it ends the
// whole job, with an exit code.
func (j *Job) Leave(failed bool, code int) {
	j.code = code
	if failed {
		leave(breaksOff)
	} else {
		leave(leaves)
	}
	<-j.left
}

// thread is that of MPI, from its first call to the last.
func (j *Job) thread(patience time.Duration, begun chan<- error) {
	runtime.LockOSThread()
	defer close(j.left)
	if err := j.begin(); err != nil {
		begun <- err
		return
	}
	begun <- nil
	ear := listen(j.rank, j.size, patience)
	defer finish()
	defer ear.stop()
	for {
		switch work(ear.every) {
		case leaves:
			return
		case breaksOff:
			abort(j.code)
		}
		j.hear(ear)
	}
}

// hear ends the job where a rank is not heard of.
func (j *Job) hear(e *ear) {
	rank, silent := e.beat(time.Now())
	if !silent {
		return
	}
	fmt.Fprintf(os.Stderr, "train: %s: %s has not been heard of for %v: its process or its machine has stopped, or the network; "+
		"the job ends, and goes on from its last checkpoint when it is started again\n", j.Name(), j.name(rank), e.patience)
	abort(1)
}

//go:build mpi

package ranks

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// A Job is the processes that a launcher of MPI has started, as one of them sees them.
//
// One goroutine, on a thread of its own, makes all calls of MPI (mpi.c): it starts what the
// operations ask for, moves it on until it is done, and in between tells rank 0 every
// second that this rank is there, and hears from it. So a rank that computes for long, as
// rank 0 does while it evaluates, is not taken for dead, and one that is stopped, or whose
// machine is gone, is: whoever has not heard of it for the job's patience says so and ends
// the job. Ranks but 0 listen to rank 0 alone.
type Job struct {
	rank, size int
	names      []string // of the machines, by rank
	asked      chan request
	left       chan struct{} // closed when MPI is done with
}

// A request is an operation that the thread of MPI is to carry out.
type request struct {
	start func() *call
	rests bool // a rank may wait for it while another works for long
	done  chan struct{}
}

// How long such a wait keeps its core, and then lets others have it: rank 0's evaluation, on
// the same machine.
const (
	keeps = 10 * time.Millisecond
	nap   = 200 * time.Microsecond
)

// Join joins the job that a launcher has started this process in; nil where none has. A
// rank that is not heard of for as long as patience ends the job.
func Join(patience time.Duration) (*Job, error) {
	if _, size, _ := Launched(); size < 2 {
		return nil, nil
	}
	if patience < time.Second {
		return nil, fmt.Errorf("--rank-timeout is %v, want 1s or more", patience)
	}
	j := &Job{asked: make(chan request), left: make(chan struct{})}
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

// AllReduce replaces x by its sum over the ranks.
func (j *Job) AllReduce(x []float32) error {
	return inPieces(x, func(x []float32) error { return j.do(x, false, func() *call { return startSum(x) }) })
}

// AllReduce64 is AllReduce in float64.
func (j *Job) AllReduce64(x []float64) error {
	return inPieces(x, func(x []float64) error { return j.do(x, false, func() *call { return startSum64(x) }) })
}

// Broadcast replaces x by that of rank 0.
func (j *Job) Broadcast(x []byte) error {
	return inPieces(x, func(x []byte) error { return j.do(x, j.rank > 0, func() *call { return startBroadcast(x) }) })
}

// most is the most elements of an operation, which MPI counts in an int.
const most = 1 << 28

// inPieces does something with x piece by piece.
func inPieces[T any](x []T, do func([]T) error) error {
	for len(x) > 0 {
		n := min(len(x), most)
		if err := do(x[:n]); err != nil {
			return err
		}
		x = x[n:]
	}
	return nil
}

// do has the thread of MPI carry out an operation on the memory of x.
func (j *Job) do(x any, rests bool, start func() *call) error {
	r := request{start, rests, make(chan struct{})}
	j.asked <- r
	<-r.done
	runtime.KeepAlive(x)
	return nil
}

// Leave ends this process's part when all ranks do; where something has failed it ends the
// whole job, with an exit code.
func (j *Job) Leave(failed bool, code int) {
	if failed {
		abort(code)
	}
	close(j.asked)
	<-j.left
}

// thread makes the calls of MPI, from the first to the last.
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
	tick := time.NewTicker(beat / 4)
	defer tick.Stop()
	for {
		select {
		case r, more := <-j.asked:
			if !more {
				return
			}
			j.carryOut(r, ear)
		case <-tick.C:
			j.hear(ear)
		}
	}
}

// carryOut moves an operation on until it is done.
func (j *Job) carryOut(r request, e *ear) {
	begun, c := time.Now(), r.start()
	for !c.test() {
		j.hear(e)
		if r.rests && time.Since(begun) > keeps {
			time.Sleep(nap)
		}
	}
	close(r.done)
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

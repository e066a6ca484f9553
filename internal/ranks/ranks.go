// Package ranks joins the processes of a job that a launcher of MPI has started: each has a
// rank, 0 to size−1, and all of them call the same operations in the same order.
//
// Rank 0 is the run: it reads, decides, evaluates and writes. The others have no run
// directory, no data and no say; rank 0 tells them what to compute (train.Follow). So what
// is read is read once, what is written is written once, and a stop is one process's
// decision.
//
// The build tag mpi brings the operations to MPI's C interface. Without it a process is
// alone, and Join refuses to be one of several that a launcher has started.
package ranks

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"os"
	"strconv"
	"time"
	"unsafe"
)

// Peers are the processes of a job, as one of them sees them. Every rank calls the same
// operations in the same order, with slices of equal length; each call returns when its
// slice is what it says, but for what has begun alone. A Peers is not safe for concurrent
// use.
//
// An operation fails for good: after an error none is to be called. A rank that is not heard of
// ends the job with its name instead, since whoever waits for it cannot return.
type Peers interface {
	Rank() int // of this process
	Size() int // of the job; 1: alone
	// BeginAllReduce begins to replace x by its sum over the ranks, beside what the process
	// goes on to do: the same bits on all of them, and in every job of as many ranks on the
	// same machines. Nobody else may touch x until end, which is to be called once, returns.
	BeginAllReduce(x []float32) (end func() error)
	// AllReduce64 replaces x by its sum over the ranks.
	AllReduce64(x []float64) error
	// Broadcast replaces x by that of rank 0.
	Broadcast(x []byte) error
}

// DefaultPatience is how long a rank may be unheard of before the job ends.
const DefaultPatience = time.Minute

// BroadcastFloats is Broadcast of floats.
func BroadcastFloats(p Peers, x []float32) error {
	if len(x) == 0 {
		return nil
	}
	return p.Broadcast(Bytes(x))
}

// Bytes is the memory of floats.
func Bytes(x []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
}

// Tell gives every rank but 0 what rank 0 has: Told returns it there.
func Tell(p Peers, what any) error {
	var text bytes.Buffer
	if err := gob.NewEncoder(&text).Encode(what); err != nil {
		return err
	}
	var length [8]byte
	binary.LittleEndian.PutUint64(length[:], uint64(text.Len()))
	if err := p.Broadcast(length[:]); err != nil {
		return err
	}
	return p.Broadcast(text.Bytes())
}

// Told fills in what rank 0 tells.
func Told(p Peers, what any) error {
	var length [8]byte
	if err := p.Broadcast(length[:]); err != nil {
		return err
	}
	text := make([]byte, binary.LittleEndian.Uint64(length[:]))
	if err := p.Broadcast(text); err != nil {
		return err
	}
	return gob.NewDecoder(bytes.NewReader(text)).Decode(what)
}

// launchers tell the processes they start their number and how many there are: Open MPI's
// mpirun, MPICH's and its kin's, and Slurm's srun.
var launchers = []struct{ rank, size string }{
	{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
	{"PMI_RANK", "PMI_SIZE"},
	{"SLURM_PROCID", "SLURM_STEP_NUM_TASKS"},
}

// Launched is what a launcher has told this process in the environment, and the variable by
// which; 0 of 1 without a launcher, or one that has started this process alone.
func Launched() (rank, size int, by string) {
	for _, l := range launchers {
		size, err := strconv.Atoi(os.Getenv(l.size))
		rank, no := strconv.Atoi(os.Getenv(l.rank))
		if err == nil && no == nil && size > 1 {
			return rank, size, l.size
		}
	}
	return 0, 1, ""
}

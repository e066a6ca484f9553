//go:build mpi

package ranks

/*
#cgo pkg-config: mpi-c
#include <mpi.h>
#include <sched.h>
#include <stdlib.h>

static MPI_Comm beats; // of the signs of life, apart from the rest

static int join_job(int *rank, int *size) {
	int given, on;
	if (MPI_Initialized(&on) != MPI_SUCCESS || on) return 1;
	if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &given) != MPI_SUCCESS || given < MPI_THREAD_FUNNELED) return 1;
	MPI_Comm_rank(MPI_COMM_WORLD, rank);
	MPI_Comm_size(MPI_COMM_WORLD, size);
	return MPI_Comm_dup(MPI_COMM_WORLD, &beats) != MPI_SUCCESS;
}

static void names(char *all, int each) {
	char own[MPI_MAX_PROCESSOR_NAME + 1] = {0};
	int n;
	MPI_Get_processor_name(own, &n);
	MPI_Allgather(own, each, MPI_CHAR, all, each, MPI_CHAR, MPI_COMM_WORLD);
}

static void start_sum(float *x, int n, MPI_Request *r) {
	MPI_Iallreduce(MPI_IN_PLACE, x, n, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD, r);
}
static void start_sum64(double *x, int n, MPI_Request *r) {
	MPI_Iallreduce(MPI_IN_PLACE, x, n, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD, r);
}
static void start_broadcast(void *x, int n, MPI_Request *r) {
	MPI_Ibcast(x, n, MPI_BYTE, 0, MPI_COMM_WORLD, r);
}
static void start_send(char *x, int to, MPI_Request *r) { MPI_Isend(x, 1, MPI_BYTE, to, 0, beats, r); }
static void start_receive(char *x, int from, MPI_Request *r) { MPI_Irecv(x, 1, MPI_BYTE, from, 0, beats, r); }

// move tests a request some times, in between letting others have the core.
static int move(MPI_Request *r, int times) {
	int done = 0;
	for (int i = 0; i < times && !done; i++) {
		if (i > 0) sched_yield();
		MPI_Test(r, &done, MPI_STATUS_IGNORE);
	}
	return done;
}

static void cut(MPI_Request *r) {
	if (*r == MPI_REQUEST_NULL) return;
	MPI_Cancel(r);
	MPI_Request_free(r);
}

static MPI_Request no_request(void) { return MPI_REQUEST_NULL; }
static void end_job(int code) { MPI_Abort(MPI_COMM_WORLD, code); exit(code); }
*/
import "C"

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"unsafe"
)

// begin starts MPI. Its own handlers of signals would take those that Go lives on.
func (j *Job) begin() error {
	if os.Getenv("OMPI_MCA_opal_signal") == "" {
		os.Setenv("OMPI_MCA_opal_signal", "6")
	}
	var rank, size C.int
	if C.join_job(&rank, &size) != 0 {
		return errors.New("MPI does not start; is this process started by its own mpirun?")
	}
	j.rank, j.size = int(rank), int(size)
	const each = C.MPI_MAX_PROCESSOR_NAME
	all := make([]byte, j.size*each)
	C.names((*C.char)(unsafe.Pointer(&all[0])), each)
	for rank := range j.size {
		name, _, _ := bytes.Cut(all[rank*each:(rank+1)*each], []byte{0})
		j.names = append(j.names, string(name))
	}
	return nil
}

// finish ends MPI when all ranks do.
func finish() { C.MPI_Finalize() }

// abort ends all processes of the job, this one too.
func abort(code int) { C.end_job(C.int(code)) }

// A call is an operation under way, on memory that is pinned.
type call struct {
	request *C.MPI_Request
	pins    runtime.Pinner
}

// spins is how many times an operation is tried between two looks at the clock.
const spins = 100

// newCall begins an operation on the memory at x.
func newCall[T any](x *T, start func(*C.MPI_Request)) *call {
	c := &call{request: (*C.MPI_Request)(C.malloc(C.size_t(unsafe.Sizeof(C.no_request()))))}
	c.pins.Pin(x)
	start(c.request)
	return c
}

// test moves the operation on, and tells whether it is done, which is to be asked until it
// is.
func (c *call) test() bool {
	if C.move(c.request, spins) == 0 {
		return false
	}
	c.free()
	return true
}

func (c *call) free() {
	C.free(unsafe.Pointer(c.request))
	c.pins.Unpin()
}

func startSum(x []float32) *call {
	return newCall(&x[0], func(r *C.MPI_Request) { C.start_sum((*C.float)(&x[0]), C.int(len(x)), r) })
}

func startSum64(x []float64) *call {
	return newCall(&x[0], func(r *C.MPI_Request) { C.start_sum64((*C.double)(&x[0]), C.int(len(x)), r) })
}

func startBroadcast(x []byte) *call {
	return newCall(&x[0], func(r *C.MPI_Request) { C.start_broadcast(unsafe.Pointer(&x[0]), C.int(len(x)), r) })
}

// A byteWire is a wire of MPI.
type byteWire struct {
	rank     C.int
	incoming bool
	memory   *C.char // a byte, and the request after it
	request  *C.MPI_Request
}

func newOut(rank int) wire { return newWire(rank, false) }

func newIn(rank int) wire {
	w := newWire(rank, true)
	w.next()
	return w
}

func newWire(rank int, incoming bool) *byteWire {
	w := &byteWire{rank: C.int(rank), incoming: incoming, memory: (*C.char)(C.calloc(1, 1)),
		request: (*C.MPI_Request)(C.malloc(C.size_t(unsafe.Sizeof(C.no_request()))))}
	*w.request = C.no_request()
	return w
}

func (w *byteWire) ready() bool { return C.move(w.request, 1) != 0 }

func (w *byteWire) next() {
	if w.incoming {
		C.start_receive(w.memory, w.rank, w.request)
	} else {
		C.start_send(w.memory, w.rank, w.request)
	}
}

func (w *byteWire) cut() { C.cut(w.request) }

//go:build mpi

package ranks

/*
#cgo pkg-config: mpi-c
#cgo LDFLAGS: -lpthread
#include <stdlib.h>
#include "thread.h"

static MPI_Request no_request(void) { return MPI_REQUEST_NULL; }
*/
import "C"

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"time"
	"unsafe"
)

// settings are what Open MPI is told, unless the user tells it something else. Its own
// handlers of signals would take those that Go lives on. Sums in place go by default through
// a tree, where every rank sends all of it over and over; Rabenseifner's algorithm sends
// each byte about twice, however many ranks there are.
var settings = map[string]string{
	"OMPI_MCA_opal_signal":                      "6",
	"OMPI_MCA_coll_libnbc_iallreduce_algorithm": "rabenseifner",
}

// begin starts MPI.
func (j *Job) begin() error {
	for name, value := range settings {
		if os.Getenv(name) == "" {
			os.Setenv(name, value)
		}
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

// A kind is one of operation.
type kind C.int

const (
	sumKind       kind = C.SUM
	sum64Kind     kind = C.SUM64
	broadcastKind kind = C.BROADCAST
)

// begin asks the thread of MPI for an operation on x, whose memory is pinned until end has
// returned.
func begin[T any](k kind, x []T, rests bool) (end func()) {
	var pins runtime.Pinner
	pins.Pin(&x[0])
	var patient C.int
	if rests {
		patient = 1
	}
	o := C.begin(C.int(k), unsafe.Pointer(&x[0]), C.int(len(x)), patient)
	return func() {
		C.await(o)
		pins.Unpin()
	}
}

// What work returns.
const (
	leaves    = C.LEAVES
	breaksOff = C.BREAKS_OFF
)

// work has the thread of MPI, which calls it, carry out operations for so long, and tells
// whether it is to leave.
func work(d time.Duration) int { return int(C.work(C.int(d.Milliseconds()))) }

// leave has the thread of MPI leave or break off.
func leave(how int) { C.leave(C.int(how)) }

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

func (w *byteWire) ready() bool { return C.ended(w.request) != 0 }

func (w *byteWire) next() {
	if w.incoming {
		C.start_receive(w.memory, w.rank, w.request)
	} else {
		C.start_send(w.memory, w.rank, w.request)
	}
}

func (w *byteWire) cut() { C.cut(w.request) }

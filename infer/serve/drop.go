package serve

import (
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// What is read and dropped of a body that is refused, so that its client comes to read
// the answer: a connection that is closed on unread bytes loses it.
const (
	mostDropped = 2 << 20
	longestDrop = 2 * time.Second
)

// drops drops bodies at a pace, and a piece of one at a time: faster would keep the requests
// that are not refused from the cores.
type drops struct {
	*pace
	turns turns
}

// newDrops is the drops of so many cores.
func newDrops(cores int) drops {
	return drops{newPace(cores * dropRate), make(turns, turnsOf(cores))}
}

// after answers a request that is refused by send, and drops the rest of its body. A client
// that waits to be told to go on sends none; one that has more than a light one to send is
// told that its connection ends, for the next request may come behind what is not dropped.
func (d drops) after(w http.ResponseWriter, r *http.Request, send func()) {
	control, end := http.NewResponseController(w), time.Now().Add(longestDrop)
	left, waits := rest(r), r.Header.Get("Expect") != ""
	if waits || left > light {
		w.Header().Set("Connection", "close")
	}
	_ = control.EnableFullDuplex() // the answer goes out first; what is no connection needs none
	send()
	_ = control.Flush()
	if left == 0 || waits {
		return
	}
	if abandoned(socketOf(r), d.wait(left)) {
		panic(http.ErrAbortHandler)
	}
	_ = control.SetReadDeadline(end)
	if left > light {
		defer taking(r, d.turns)()
	}
	if !drop(r.Body) {
		panic(http.ErrAbortHandler) // what comes next is the rest of the body, no request
	}
}

// wait is how long the rest of a body waits until it is dropped. A light one does not, and one
// that there is no time for lies unread so long that the client may read its answer.
func (d drops) wait(left int64) time.Duration {
	if left <= light {
		return 0
	}
	if wait, ok := d.reserve(time.Now(), min(left, mostDropped), longestDrop); ok {
		return wait
	}
	return longestDrop
}

// Looking whether a client has gone: how often, and how long one that has said that no more
// comes may still read its answer.
const (
	look   = 25 * time.Millisecond
	settle = 100 * time.Millisecond
)

// abandoned waits, and returns true as soon as the client of a connection has gone: then nothing
// need be read for its sake, and others may have its place. nil is never gone.
func abandoned(c net.Conn, wait time.Duration) bool {
	for end := time.Now().Add(wait); ; {
		left := time.Until(end)
		switch {
		case left <= 0:
			return false
		case gone(c):
			time.Sleep(settle)
			return true
		}
		time.Sleep(min(left, look))
	}
}

// drop reads a body and tells whether that came to its end.
func drop(body io.Reader) bool {
	p := scraps.Get().(*[piece]byte)
	defer scraps.Put(p)
	for sum := 0; sum < mostDropped; {
		n, err := body.Read(p[:])
		if err != nil {
			return err == io.EOF
		}
		sum += n
	}
	return false
}

// scraps is memory for what is dropped.
var scraps = sync.Pool{New: func() any { return new([piece]byte) }}

// A countingBody is a body of which is known how much has been read.
type countingBody struct {
	io.ReadCloser
	n     int64
	ended bool
}

// Read reads and counts.
func (d *countingBody) Read(p []byte) (int, error) {
	n, err := d.ReadCloser.Read(p)
	d.n, d.ended = d.n+int64(n), d.ended || err == io.EOF
	return n, err
}

// rest is how many bytes of a request's body are still to come; more than are dropped where
// it does not say.
func rest(r *http.Request) int64 {
	d, ok := r.Body.(*countingBody)
	switch {
	case r.Body == nil || r.ContentLength == 0 || ok && d.ended:
		return 0
	case r.ContentLength < 0:
		return mostDropped
	case ok:
		return r.ContentLength - d.n
	}
	return r.ContentLength
}

package serve

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// Bodies come one after the other at a rate, some at once after a rest, and none that would
// not be there in time.
func TestPace(t *testing.T) {
	p, now := newPace(atOnce), time.Now() // a second for as many as come at once
	reserve := func(after time.Duration, bytes int64, want time.Duration, ok bool) {
		t.Helper()
		wait, let := p.reserve(now.Add(after), bytes, 2*time.Second)
		if let != ok || (wait-want).Abs() > time.Microsecond {
			t.Errorf("after %v: %d bytes wait %v, %v, want %v, %v", after, bytes, wait, let, want, ok)
		}
	}
	reserve(0, atOnce/2, 0, true)
	reserve(0, atOnce, 0, true) // half of it beyond what comes at once
	reserve(0, atOnce, time.Second/2, true)
	reserve(0, atOnce, 0, false) // would be there after 2.5 s
	reserve(0, atOnce/4, 3*time.Second/2, true)
	reserve(time.Second, atOnce, 3*time.Second/4, true)
	reserve(time.Hour, 2*atOnce, 0, true) // a rest saves no more than that
	reserve(time.Hour, 2*atOnce, 0, false)
	reserve(time.Hour, atOnce, time.Second, true)
}

// exhaust takes all that may be dropped in the time.
func (d drops) exhaust() {
	now := time.Now()
	for size := int64(1 << 40); size > 0; {
		if _, ok := d.reserve(now, size, time.Hour); !ok {
			size /= 2
		}
	}
}

// A client whose body will not be dropped gets to read that it is refused before its
// connection ends; one whose body has come already, is light, or that has none, keeps it.
func TestBodiesBeyondTheDrops(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 2 seconds")
	}
	s := server(t, Options{MaxBody: 300_000})
	address, stop := serving(t, s)
	s.drops.exhaust()
	post := func(size int) string {
		return fmt.Sprintf("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", size, strings.Repeat("x", size))
	}
	read, answers := dialed(t, address)
	for _, request := range []string{post(200_000), strings.Replace(post(light), "Host", "Content-Encoding: gzip\r\nHost", 1), "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", goodRequest} {
		go io.WriteString(read, request)
		if r := answerOf(t, answers); r.Close {
			t.Errorf("%.20s…: %d, and the connection ends", request, r.StatusCode)
		}
	}
	c, answers := dialed(t, address)
	begin := time.Now()
	go io.WriteString(c, post(400_000))
	if r := answerOf(t, answers); r.StatusCode != 413 || !r.Close || time.Since(begin) > longestDrop {
		t.Errorf("a body beyond the drops: %d, close %v, after %v", r.StatusCode, r.Close, time.Since(begin))
	}
	if _, err := answers.ReadByte(); err == nil || time.Since(begin) < longestDrop {
		t.Errorf("the connection ends with %v after %v", err, time.Since(begin))
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// rest knows what is still to come of a body.
func TestRestOfABody(t *testing.T) {
	of := func(length int64, body string, read int) *http.Request {
		d := &countingBody{ReadCloser: io.NopCloser(strings.NewReader(body))}
		_, _ = io.ReadFull(d, make([]byte, read))
		return &http.Request{ContentLength: length, Body: d}
	}
	for want, r := range map[int64]*http.Request{
		7: of(10, "0123456789", 3), 0: of(10, "0123456789", 10), mostDropped: of(-1, "0123456789", 3),
		9: {ContentLength: 9, Body: http.NoBody},
	} {
		if got := rest(r); got != want {
			t.Errorf("%d bytes are to come, want %d", got, want)
		}
	}
	for name, r := range map[string]*http.Request{"no body": {ContentLength: 5}, "chunks that have ended": of(-1, "012", 4), "none said": of(0, "", 0)} {
		if got := rest(r); got != 0 {
			t.Errorf("%s: %d bytes are to come", name, got)
		}
	}
}

// Large bodies are taken from their connections a piece at a time, in turn; one that sends
// nothing has no turn, and keeps its deadline.
func TestPiecesTakeTurns(t *testing.T) {
	cs, turns := conns{most: 3, timeout: time.Minute}, make(turns, 1)
	large := func() (*conn, net.Conn) {
		a, b, err := pair()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.Close() })
		c := cs.add(a)
		r := (&http.Request{}).WithContext(cs.known(t.Context(), c))
		taking(r, turns)
		return c, b
	}
	silent, _ := large()
	_ = silent.Conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	waited := make(chan error, 1)
	go func() {
		_, err := silent.Read(make([]byte, 1))
		waited <- err
	}()
	a, b := net.Pipe() // cannot be waited for, and so has no turn
	defer b.Close()
	pipe := cs.add(a)
	taking((&http.Request{}).WithContext(cs.known(t.Context(), pipe)), turns)
	go pipe.Read(make([]byte, 1))
	c, from := large()
	p := make([]byte, 2*piece)
	go from.Write(make([]byte, 4*piece))
	if n, err := c.Read(p); n == 0 || n > piece || err != nil { // beside the silent one
		t.Errorf("a turn takes %d bytes, %v", n, err)
	}
	if err := <-waited; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the silent one ends with %v", err)
	}
	turns <- struct{}{}
	took := make(chan int, 1)
	go func() {
		n, _ := c.Read(p)
		took <- n
	}()
	select {
	case <-took:
		t.Error("a piece is taken out of turn")
	case <-time.After(20 * time.Millisecond):
	}
	<-turns
	if n := <-took; n == 0 {
		t.Error("nothing is taken in turn")
	}
}

// What comes after a large body takes no turns.
func TestTakingEnds(t *testing.T) {
	c := &conn{}
	r := (&http.Request{}).WithContext((&conns{}).known(t.Context(), c))
	in := make(turns, 1)
	done := taking(r, in)
	if got := c.turns.Load(); got == nil || *got != in {
		t.Error("a large body is taken in no turns, or others")
	}
	if done(); c.turns.Load() != nil {
		t.Error("what comes after a large body is taken in turns, too")
	}
	taking(&http.Request{}, in)() // not of a Server's connection
}

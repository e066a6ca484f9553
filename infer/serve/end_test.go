package serve

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// dialed is a connection to a server, with what reads its answers.
func dialed(t *testing.T, address string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	return c, bufio.NewReader(c)
}

// answerOf reads an answer.
func answerOf(t *testing.T, from *bufio.Reader) *http.Response {
	t.Helper()
	r, err := http.ReadResponse(from, nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	_, _ = io.Copy(io.Discard, r.Body)
	return r
}

// until waits for a condition.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: never", what)
		}
	}
}

// A request that comes on an open connection while the server ends is answered, and told
// that the connection ends; one that brings none is closed.
func TestOpenConnectionsMayBringOneMoreRequest(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	s := server(t, Options{})
	address, stop := serving(t, s)
	busy, answers := dialed(t, address)
	idle, nothing := dialed(t, address)
	for _, c := range []net.Conn{busy, idle} {
		fmt.Fprint(c, goodRequest)
	}
	if r := answerOf(t, answers); r.Close || answerOf(t, nothing).StatusCode != 200 {
		t.Fatal("the first answer ends the connection")
	}
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	until(t, "the end begins", s.conns.ending.Load)
	fmt.Fprint(busy, goodRequest)
	if r := answerOf(t, answers); r.StatusCode != 200 || !r.Close {
		t.Errorf("status %d, close %v, want 200 and the connection's end", r.StatusCode, r.Close)
	}
	if _, err := nothing.ReadByte(); err != io.EOF {
		t.Errorf("the idle connection: %v, want its end", err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A connection that is to end for idleness is not if a request lies unread in it.
func TestUnreadRequestsAreAnswered(t *testing.T) {
	a, b, err := pair()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	cs := conns{most: 1, timeout: time.Minute}
	c := cs.add(a)
	fmt.Fprint(b, "hello")
	until(t, "it arrives", func() bool { return unread(a) })
	c.retire()
	p := make([]byte, 8)
	if n, err := c.Read(p); err != nil || string(p[:n]) != "hello" {
		t.Errorf("read %q, %v", p[:n], err)
	}
	if c.retire(); c.retired.Load() {
		t.Error("a connection with half a request is retired")
	}
	cs.state(c, http.StateIdle)
	c.retire()
	if n, err := c.Read(p); n != 0 || err == nil {
		t.Errorf("an idle connection goes on: %d, %v", n, err)
	}
}

// pair are the two ends of a connection.
func pair() (a, b net.Conn, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	if b, err = net.Dial("tcp", l.Addr().String()); err != nil {
		return nil, nil, err
	}
	a, err = l.Accept()
	return a, b, err
}

// Connections that the kernel has made before the end are accepted and answered.
func TestWaitingConnectionsAreAnswered(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	s := server(t, Options{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all []*bufio.Reader
	for range 20 {
		c, answers := dialed(t, l.Addr().String())
		fmt.Fprint(c, goodRequest)
		all = append(all, answers)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Serve(over, l); err != nil {
		t.Error(err)
	}
	for i, answers := range all {
		if r := answerOf(t, answers); r.StatusCode != 200 {
			t.Errorf("connection %d: %d", i, r.StatusCode)
		}
	}
}

// Servers that take over a socket from one another lose no request of clients that try none
// twice: the short form of experiments/serve/strain.
func TestRestartsLoseNothing(t *testing.T) {
	m := tiny(t, 2)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	file, err := l.(*net.TCPListener).File() // stands for systemd
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var done atomic.Bool
	var answered atomic.Int64
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for !done.Load() {
				c, answers := dialed(t, l.Addr().String())
				for closed := false; !closed && !done.Load(); {
					fmt.Fprint(c, goodRequest)
					r, err := http.ReadResponse(answers, nil)
					if err != nil || r.StatusCode != 200 {
						t.Errorf("request %d is lost: %v", answered.Load(), err)
						return
					}
					_, _ = io.Copy(io.Discard, r.Body)
					closed = r.Close
					answered.Add(1)
				}
				c.Close()
			}
		})
	}
	for i := range 4 {
		if i == 3 {
			done.Store(true) // the last one answers what is left
		}
		own, err := net.FileListener(file)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		s := New(m, Options{})
		ended := make(chan error, 1)
		go func() { ended <- s.Serve(ctx, own) }()
		if i == 3 {
			wait.Wait()
		} else {
			begin := answered.Load()
			until(t, "some answers", func() bool { return answered.Load() > begin+20 || t.Failed() })
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("server %d ends with %v", i, err)
		}
	}
	wait.Wait()
	if answered.Load() < 60 {
		t.Errorf("%d answers", answered.Load())
	}
}

// In the grace the server is not ready, but takes connections and answers; at the deadline
// it cuts off what has not ended.
func TestGraceAndDeadline(t *testing.T) {
	s := idle(t, Options{Grace: 300 * time.Millisecond, Deadline: 600 * time.Millisecond})
	address, stop := serving(t, s)
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	until(t, "the end begins", s.draining.Load)
	c, answers := dialed(t, address)
	fmt.Fprint(c, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
	if r := answerOf(t, answers); r.StatusCode != 503 {
		t.Errorf("health: %d, want 503", r.StatusCode)
	}
	fmt.Fprint(c, goodRequest) // whom nobody answers
	until(t, "the deadline", func() bool { return len(ended) > 0 || s.queue.len() > 0 })
	s.queue.close() // or Serve would wait for the queue
	go s.work(1)
	if err := <-ended; err != nil && !strings.Contains(err.Error(), "requests were cut off") {
		t.Errorf("the server ends with %v", err)
	}
}

// What never ends is cut off at the deadline.
func TestTheDeadlineCutsOff(t *testing.T) {
	s := server(t, Options{Deadline: 300 * time.Millisecond})
	address, stop := serving(t, s)
	c, answers := dialed(t, address)
	fmt.Fprint(c, "POST /predict HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 18\r\n\r\n")
	if line, _ := answers.ReadString('\n'); !strings.Contains(line, "100") { // its handler has begun
		t.Fatalf("got %q", line)
	}
	begin := time.Now()
	if err := stop(); err == nil || !strings.Contains(err.Error(), "requests were cut off") {
		t.Errorf("the server ends with %v", err)
	}
	if took := time.Since(begin); took < 300*time.Millisecond {
		t.Errorf("cut off after %v, before the deadline", took)
	}
}

// A connection beyond the limit is told so and counted.
func TestMaxConnections(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	s := server(t, Options{MaxConnections: 2})
	address, stop := serving(t, s)
	for range 2 {
		c, answers := dialed(t, address)
		fmt.Fprint(c, goodRequest)
		if r := answerOf(t, answers); r.StatusCode != 200 {
			t.Errorf("within the limit: %d", r.StatusCode)
		}
	}
	c, answers := dialed(t, address)
	fmt.Fprint(c, "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"+strings.Repeat("x", 1_000_000))
	r := answerOf(t, answers)
	if r.StatusCode != 503 || r.Header.Get("Retry-After") != "1" || !r.Close {
		t.Errorf("beyond the limit: %d %v", r.StatusCode, r.Header)
	}
	if w := ask(s, "GET", "/metrics", ""); !strings.Contains(w.Body.String(), "powerbert_connections_refused_total 1\n") {
		t.Error("it is not counted")
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

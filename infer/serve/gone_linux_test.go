package serve

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// A client is gone once it has closed its side, even where all that it sent lies unread.
func TestGone(t *testing.T) {
	a, b, err := pair()
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if _, err := b.Write(make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	if gone(a) || abandoned(a, 2*look) || abandoned(nil, look) {
		t.Error("a client that is there is gone")
	}
	time.AfterFunc(2*look, func() { b.Close() })
	begin := time.Now()
	if !abandoned(a, time.Minute) || time.Since(begin) < 2*look+settle {
		t.Errorf("a client that has gone is there, or could not have read its answer, after %v", time.Since(begin))
	}
}

// Who has read that it is refused, and has gone, leaves its place to the next at once, although
// there is no time to drop what it sent.
func TestRefusedClientsLeaveTheirPlaces(t *testing.T) {
	s := server(t, Options{MaxBody: 80_000, MaxConnections: 1})
	address, stop := serving(t, s)
	s.drops.exhaust()
	c, answers := dialed(t, address)
	go io.WriteString(c, fmt.Sprintf("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n%s", strings.Repeat("x", 100_000)))
	if r := answerOf(t, answers); r.StatusCode != 413 || !r.Close {
		t.Fatalf("a body that is too large: %d, close %v", r.StatusCode, r.Close)
	}
	c.Close()
	for begin := time.Now(); s.conns.len() > 0; time.Sleep(look) {
		if time.Since(begin) > longestDrop*3/4 {
			t.Fatalf("it holds its place for %v", time.Since(begin))
		}
	}
	next, answers := dialed(t, address)
	go io.WriteString(next, goodRequest)
	if r := answerOf(t, answers); r.StatusCode != 200 {
		t.Errorf("the next gets %d", r.StatusCode)
	}
	next.Close()
	if err := stop(); err != nil {
		t.Error(err)
	}
}

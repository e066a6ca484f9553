package serve

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// Large bodies beyond the budget are refused at once, before they are read, and light ones
// are not; the client gets to read that, however much it sends, and comes again on the same
// connection.
func TestLargeBodiesBeyondTheBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	s := server(t, Options{MaxBody: 1_000_000, Bodies: 1_500_000})
	address, stop := serving(t, s)
	slow, slowly := dialed(t, address)
	body := `{"inputs": "` + strings.Repeat("good ", 180_000) + `"}`
	header := fmt.Sprintf("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", len(body))
	fmt.Fprint(slow, header+body[:len(body)-1])
	until(t, "it has room", func() bool { return s.gate.held.Load() == int64(len(body)) })

	c, answers := dialed(t, address)
	fmt.Fprint(c, header+body) // all of it, before the answer is read
	r := answerOf(t, answers)
	if r.StatusCode != 429 || r.Header.Get("Retry-After") == "" || !r.Close {
		t.Errorf("a second large body: %d %v", r.StatusCode, r.Header)
	}
	if _, err := answers.ReadByte(); err != io.EOF {
		t.Errorf("its connection ends with %v, want all of the body to be read", err)
	}
	c, answers = dialed(t, address)
	fmt.Fprint(c, goodRequest)
	if r := answerOf(t, answers); r.StatusCode != 200 {
		t.Errorf("a light one, on another: %d", r.StatusCode)
	}
	fmt.Fprint(slow, body[len(body)-1:])
	if r := answerOf(t, slowly); r.StatusCode != 200 || s.gate.held.Load() != 0 {
		t.Errorf("the first large body: %d, and %d bytes are held", r.StatusCode, s.gate.held.Load())
	}
	chunked := "POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
	for text, code := range map[string]int{
		fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body): 200, "12\r\n{\"inputs\": \"good\"}\r\n0\r\n\r\n": 200,
		fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", 1_000_001, strings.Repeat(" ", 1_000_001)): 413,
	} {
		c, answers := dialed(t, address)
		go io.WriteString(c, chunked+text)
		if r := answerOf(t, answers); r.StatusCode != code {
			t.Errorf("%d bytes in chunks: %d, want %d", len(text), r.StatusCode, code)
		}
	}
	if held := s.gate.held.Load(); held != 0 {
		t.Errorf("%d bytes are held", held)
	}
	for _, line := range []string{`powerbert_refusals_total{reason="Overloaded"} 1`, `powerbert_refusals_total{reason="Validation"} 1`,
		`powerbert_step_seconds_count{step="tokenise"} 4`, `powerbert_step_seconds_count{step="queue"} 4`} {
		until(t, "the metrics have "+line, func() bool { return strings.Contains(ask(s, "GET", "/metrics", "").Body.String(), line+"\n") })
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// A large body that breaks off, whether or not it says its size, or that is refused, holds no
// room for longer.
func TestNoRoomForWhatDoesNotCome(t *testing.T) {
	s := server(t, Options{MaxBody: 100_000, Bodies: 150_000})
	for _, size := range []int64{100_000, -1, 100_001} {
		r := httptest.NewRequest("POST", "/predict", io.MultiReader(strings.NewReader(strings.Repeat(" ", 80_000)), iotest.ErrReader(io.ErrUnexpectedEOF)))
		r.ContentLength = size
		if _, _, err := s.readBody(r); err == nil || s.gate.held.Load() != 0 {
			t.Errorf("a body of %d bytes that breaks off: %v; %d bytes are held", size, err, s.gate.held.Load())
		}
	}
	leave, err := s.gate.enter(100_000)
	if _, refused := s.gate.enter(100_000); err != nil || refused != errTooMuch || s.gate.held.Load() != 100_000 {
		t.Errorf("two bodies: %v and %v; %d bytes are held", err, refused, s.gate.held.Load())
	}
	if leave(); s.gate.held.Load() != 0 {
		t.Errorf("%d bytes are held at the end", s.gate.held.Load())
	}
}

// Large bodies are parsed one after another, light ones beside them.
func TestTurns(t *testing.T) {
	g := newGate(100, 2)
	done, err := g.turn(t.Context(), light+1)
	if err != nil {
		t.Fatal(err)
	}
	soon, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := g.turn(soon, light+1); err != errLate {
		t.Errorf("a second turn: %v", err)
	}
	for range 32 {
		if _, err := g.turn(t.Context(), light); err != nil {
			t.Errorf("a light body: %v", err)
		}
	}
	done()
	if _, err := g.turn(t.Context(), light+1); err != nil {
		t.Errorf("the next turn: %v", err)
	}
}

// What a body takes while it is parsed and tokenised stays below what Memory counts with.
func TestMemoryOfRequests(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(10)) // so that little of the heap is garbage
	s := server(t, Options{MaxInputs: 1 << 20, Queue: 1 << 21, QueueTokens: 1 << 30})
	const size = 1_900_000
	for name, body := range map[string]string{
		"letters":     `{"inputs": "` + strings.Repeat("é ", size/3) + `"}`,
		"empty lists": `{"inputs": [` + strings.Repeat(`[],`, size/3) + `[]]}`,
		"a pair":      `{"inputs": ["` + strings.Repeat("a ", size/4) + `","` + strings.Repeat("b ", size/4) + `"]}`,
		"outputs":     `{"outputs": [` + strings.Repeat(`{},`, size/3) + `{}], "inputs": []}`,
	} {
		runtime.GC()
		var before, now runtime.MemStats
		runtime.ReadMemStats(&before)
		answered := make(chan int, 1)
		path := "/predict"
		if name == "outputs" {
			path = "/v2/models/model/infer"
		}
		go func() { answered <- ask(s, "POST", path, body).Code }()
		peak := uint64(0)
		for len(answered) == 0 {
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapAlloc-min(before.HeapAlloc, now.HeapAlloc))
			time.Sleep(time.Millisecond)
		}
		if most := uint64(perByte * len(body)); peak > most {
			t.Errorf("%s: %d with %d bytes at the most, %.0f for each of the body, want %d", name, <-answered, peak, float64(peak)/float64(len(body)), perByte)
		}
		t.Logf("%s: %.0f bytes for each", name, float64(peak)/float64(len(body)))
	}
}

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/powerbert/powerbert/metric"
)

// A tally is what became of the requests of some clients.
type tally struct {
	mu    sync.Mutex
	took  []float64 // of those that were answered with 200, in milliseconds
	codes map[int]int
	lost  int   // requests that were sent and not answered
	last  error // why

	want  string // the answer of 200; "": any
	wrong int    // that were another

	late []float64 // that its process woke from sleeps, in milliseconds
}

func (t *tally) answered(code int, said string, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.codes == nil {
		t.codes = map[int]int{}
	}
	if t.codes[code]++; code == http.StatusOK {
		t.took = append(t.took, took.Seconds()*1e3)
		if t.want != "" && said != t.want {
			t.wrong++
		}
	}
}

func (t *tally) lose(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lost, t.last = t.lost+1, err
}

// percentile is that of the times of answers, in milliseconds; NaN where there are none.
func (t *tally) percentile(p int) float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return percentile(t.took, p)
}

// rate is how many requests a second are answered to clients of which each asks again when it
// is answered: their number over the mean time of an answer. Counting answers would count
// those in part that the end of the measurement cuts.
func (t *tally) rate(clients int) float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return float64(clients) * 1e3 / stat.Mean(t.took, nil)
}

// percentile sorts values and is one of them; NaN where there are none.
func percentile(values []float64, p int) float64 {
	slices.Sort(values)
	if len(values) == 0 {
		return math.NaN()
	}
	return metric.Percentile(values, p)
}

// lateness is by how many milliseconds a process wakes too late from short sleeps, until ctx
// ends: what its core keeps from it, whatever it waits for.
func lateness(ctx context.Context) (late []float64) {
	const sleep = time.Millisecond
	for ctx.Err() == nil {
		begin := time.Now()
		time.Sleep(sleep)
		late = append(late, (time.Since(begin)-sleep).Seconds()*1e3)
	}
	return late
}

// String is the tally in a line.
func (t *tally) String() string {
	p50, p99 := t.percentile(50), t.percentile(99)
	t.mu.Lock()
	defer t.mu.Unlock()
	line := fmt.Sprintf("codes %v, lost %d", t.codes, t.lost)
	if len(t.took) > 0 {
		line = fmt.Sprintf("%d answers, p50 %.1f ms, p99 %.1f ms, %s", len(t.took), p50, p99, line)
	}
	if t.last != nil {
		line += fmt.Sprintf(" (%v)", t.last)
	}
	return line
}

// clients has n clients post a body over and over until ctx ends, each on a connection of
// its own that it keeps as long as it may, without ever trying a request twice.
func clients(ctx context.Context, n int, address, body string, t *tally) *sync.WaitGroup {
	var wait sync.WaitGroup
	request := fmt.Appendf(nil, "POST /predict HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s", address, len(body), body)
	for range n {
		wait.Go(func() {
			for ctx.Err() == nil {
				c, err := net.DialTimeout("tcp", address, time.Minute)
				if err != nil { // nobody listens: nothing was sent
					time.Sleep(time.Millisecond)
					continue
				}
				converse(ctx, c, request, t)
			}
		})
	}
	return &wait
}

// converse sends requests on a connection until one of the two ends it.
func converse(ctx context.Context, c net.Conn, request []byte, t *tally) {
	defer c.Close()
	answers := bufio.NewReader(c)
	for ctx.Err() == nil {
		begin := time.Now()
		_ = c.SetDeadline(begin.Add(time.Minute))
		sent := make(chan error, 1)
		go func() { sent <- send(c, request) }()
		r, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.lose(err)
			return
		}
		said, err := io.ReadAll(r.Body)
		if err != nil {
			t.lose(err)
			return
		}
		t.answered(r.StatusCode, string(said), time.Since(begin))
		if r.StatusCode != http.StatusOK {
			time.Sleep(time.Millisecond)
		}
		if <-sent != nil || r.Close {
			return
		}
	}
}

// send sends a request as HTTP clients do, in pieces: a system call that copies megabytes
// would keep its core from whoever shares it.
func send(c net.Conn, request []byte) error {
	const piece = 64 << 10
	for ; len(request) > piece; request = request[piece:] {
		if _, err := c.Write(request[:piece]); err != nil {
			return err
		}
	}
	_, err := c.Write(request)
	return err
}

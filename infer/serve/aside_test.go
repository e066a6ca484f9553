package serve

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/powerbert/powerbert/data"
)

// aside is what passes beside, once something does.
func aside(q *queue) <-chan string {
	passed := make(chan string, 1)
	go func() {
		text := ""
		for _, it := range q.takeAside() {
			text += fmt.Sprintf("%s%d ", it.client, it.example.Tokens())
		}
		passed <- text
	}()
	time.Sleep(20 * time.Millisecond) // so that it waits where it has to
	return passed
}

// passes checks what passes beside.
func passes(t *testing.T, passed <-chan string, want string) {
	t.Helper()
	select {
	case got := <-passed:
		if got != want {
			t.Errorf("%q pass beside, want %q", got, want)
		}
	case <-time.After(time.Minute):
		t.Fatalf("nothing passes beside, want %q", want)
	}
}

// While all workers are at long texts the short ones that come pass beside, in the order in
// which they are due and a few tokens at a time, and the long ones keep their places.
func TestShortTextsPassBeside(t *testing.T) {
	q := newQueue(100, 100_000, 2)
	putAll(t, q, many("long", 4, 512))
	q.take(512)
	q.take(512)
	passed := aside(q)
	putAll(t, q, append(many("a", 1, shortTokens+1), of("a", 20)))
	passes(t, passed, "a20 ")
	putAll(t, q, []item{of("b", shortTokens)}, []item{of("c", 30), of("c", 40), of("c", 5)})
	passes(t, aside(q), "c30 b64 c5 ")
	passes(t, aside(q), "c40 ")
	if q.len() != 3 || q.held != 2*512+shortTokens+1 || q.active != 2 {
		t.Errorf("%d texts of %d tokens and %d clients are left", q.len(), q.held, q.active)
	}
	if q.ended(); q.long != 1 {
		t.Errorf("%d workers are at long texts after one has ended, want 1", q.long)
	}
}

// Which of them are due first counts also behind a long text that is due before.
func TestDueFirstPassBeside(t *testing.T) {
	q := newQueue(100, 100_000, 0)
	putAll(t, q, []item{of("a", 10), of("a", 62)}, []item{of("b", 5), of("b", 61)}, []item{of("long", shortTokens+1)})
	passes(t, aside(q), "b5 a10 b61 ")
	passes(t, aside(q), "a62 ")
}

// A worker that is free takes short texts itself: what waits passes beside once it has taken a
// long one.
func TestShortTextsWaitForAFreeWorker(t *testing.T) {
	q := newQueue(100, 100_000, 1)
	passed := aside(q)
	putAll(t, q, []item{of("long", shortTokens+1)}, many("a", 3, shortTokens))
	for i, want := range []bool{false, true} {
		if len(passed) > 0 {
			t.Error("a short text passes beside a worker that is free")
		}
		if isLong(q.take(shortTokens)) != want {
			t.Errorf("batch %d is long: %v", i+1, !want)
		}
	}
	passes(t, passed, "a64 a64 ")
	last := aside(q)
	q.close()
	passes(t, last, "")
}

// What passes together beside is of one model.
func TestAsideIsOfOneModel(t *testing.T) {
	q := newQueue(100, 100_000, 0)
	other := of("b", 6)
	other.model = &hosted{}
	putAll(t, q, []item{of("a", 5)}, []item{other}, []item{of("c", 7)})
	passes(t, aside(q), "a5 c7 ")
	passes(t, aside(q), "b6 ")
}

// One client that asks without end leaves the long texts most of the time; who was kept waiting
// by them once waits little more for that.
func TestRestsAside(t *testing.T) {
	var r rests
	for _, c := range []struct{ took, usual time.Duration }{{8, 8}, {80, 9}, {10, 10}, {80, 11}, {4, 4}, {4, 4}} {
		usual := c.usual * time.Millisecond
		if got := r.after(c.took*time.Millisecond, false).Truncate(restsAside * time.Millisecond); got != restsAside*usual {
			t.Errorf("after %d ms none pass beside for %v, want %d times %v", c.took, got, restsAside, usual)
		}
	}
	for batches, want := range map[bool]time.Duration{false: leastRest, true: leastRest + leastRest/2} {
		if got := r.after(time.Microsecond, batches); got != want {
			t.Errorf("batches %v: after next to nothing none pass beside for %v, want %v", batches, got, want)
		}
	}
}

// The queue knows whether batches wait, until the last of their texts is taken.
func TestQueueHasBatches(t *testing.T) {
	q := newQueue(100, 100_000, 1)
	batch := many("a", 2, 5)
	for i := range batch {
		batch[i].many = true
	}
	putAll(t, q, []item{of("b", 5)})
	if q.batches() {
		t.Error("a single text is taken for a batch")
	}
	putAll(t, q, batch)
	for range 3 {
		if !q.batches() {
			t.Error("a batch waits and is not seen")
		}
		q.take(5)
	}
	if q.batches() {
		t.Error("a batch is seen that no longer waits")
	}

	for texts, want := range map[int]bool{1: false, 2: true} {
		s := idle(t, Options{Workers: 1})
		soon, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		if _, err := s.predict(soon, "c", s.sole(), make([]data.Encoded, texts)); err != errLate {
			t.Errorf("an idle server: %v", err)
		}
		cancel()
		if s.queue.batches() != want {
			t.Errorf("a request of %d is a batch: %v, want %v", texts, !want, want)
		}
		s.resume()
	}
}

// A server whose workers are all at long texts answers short ones, and those alone; and a
// worker whose long batch has ended is none of them.
func TestServerAnswersBeside(t *testing.T) {
	s := idle(t, Options{Workers: 2})
	s.queue.long = 2
	go s.work(0)
	if w := ask(s, "POST", "/predict", `{"inputs": "good"}`); w.Code != 200 {
		t.Errorf("a short text: %d %s", w.Code, w.Body)
	}
	soon, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	long := of("long", shortTokens+1)
	if _, err := s.predict(soon, "long", s.sole(), []data.Encoded{long.example}); err != errLate {
		t.Errorf("a long text: %v", err)
	}
	s.queue.close()
	<-s.workers
}

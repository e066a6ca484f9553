package serve

import (
	"context"
	"sync"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
)

// An item is a text that waits for its prediction.
type item struct {
	ctx     context.Context // of its request: when it ends, nobody wants the answer
	example data.Encoded
	answer  chan<- answer // has room for it
	index   int           // of the text in its request
}

// An answer is what became of an item.
type answer struct {
	index      int
	prediction infer.Prediction
	err        error
}

// A queue holds the texts of all requests, first come, first served.
type queue struct {
	limit  int
	mu     sync.Mutex
	some   sync.Cond // items wait, or the queue is closed
	items  []item
	closed bool
}

func newQueue(limit int) *queue {
	q := &queue{limit: limit}
	q.some.L = &q.mu
	return q
}

// put appends all items of a request, or none of them.
func (q *queue) put(items []item) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return errDraining
	case len(q.items)+len(items) > q.limit:
		return errOverloaded
	}
	q.items = append(q.items, items...)
	q.some.Signal()
	return nil
}

// take waits for items and removes those at the front, up to so many tokens but
// one at least. It returns none when the queue is closed and empty.
func (q *queue) take(tokens int) []item {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 && !q.closed {
		q.some.Wait()
	}
	n, sum := 0, 0
	for n < len(q.items) {
		if sum += q.items[n].example.Tokens(); n > 0 && sum > tokens {
			q.some.Signal() // for another worker
			break
		}
		n++
	}
	batch := q.items[:n:n]
	q.items = q.items[n:]
	return batch
}

// len is how many items wait.
func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)
}

// close lets no more items in.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.some.Broadcast()
}

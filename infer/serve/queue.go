package serve

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
)

// An item is a text that waits for its prediction.
type item struct {
	ctx     context.Context // of its request: when it ends, nobody wants the answer
	client  string          // who shares the server with others
	model   *hosted
	example data.Encoded
	answer  chan<- answer // has room for it
	index   int           // of the text in its request
	many    bool          // texts are in its request
	since   time.Time     // when it began to wait

	due  float64 // when it is to be read, on the queue's clock
	turn int64   // of two that are due together the earlier one goes first
}

// An answer is what became of an item.
type answer struct {
	index      int
	prediction infer.Prediction
	tokens     int // that the model read
	err        error
}

// A queue holds the texts of all requests and serves clients evenly, whatever they ask
// for: by weighted fair queueing (Demers, Keshav and Shenker, SIGCOMM 1989) with equal
// weights. Its clock goes as many tokens as each client would have had read by now if all
// were read at once; a text is due as many tokens after the one before it of its client, or
// after now where the client had none waiting, as it has itself, and what is due first is
// read first. So one short text passes by a long batch, whose texts take turns with those
// of others, and none waits for ever.
type queue struct {
	texts   int // that may wait
	tokens  int // of them, together
	workers int // that take batches

	mu     sync.Mutex
	some   sync.Cond // items wait, or the queue is closed
	beside sync.Cond // items wait or a worker is at a long batch, or the queue is closed
	items  dueFirst
	shares map[string]*share // of the clients that wait, or have had more than the clock
	active int               // clients that wait
	held   int               // tokens that wait
	long   int               // workers that compute a batch with a long text
	now    float64           // the clock, in tokens
	turn   int64
	closed bool
}

// A share is what a client has in the queue.
type share struct {
	due     float64 // of its last item
	waiting int
}

func newQueue(texts, tokens, workers int) *queue {
	q := &queue{texts: texts, tokens: tokens, workers: workers, shares: map[string]*share{}}
	q.some.L, q.beside.L = &q.mu, &q.mu
	return q
}

// put appends all items of a request, or none of them. An empty queue takes any request;
// the last quarter of the room is for requests of one text.
func (q *queue) put(items []item) error {
	tokens := 0
	for i := range items {
		tokens += items[i].example.Tokens()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return errDraining
	}
	if len(q.items) > 0 && !q.room(len(items), tokens) {
		return errOverloaded
	}
	for i := range items {
		q.add(items[i])
	}
	q.some.Signal()
	q.beside.Signal()
	return nil
}

// room tells whether a request of so many texts and tokens may wait, too.
func (q *queue) room(texts, tokens int) bool {
	mostTexts, mostTokens := q.texts, q.tokens
	if texts > 1 {
		mostTexts, mostTokens = mostTexts-mostTexts/4, mostTokens-mostTokens/4
	}
	return len(q.items)+texts <= mostTexts && q.held+tokens <= mostTokens
}

// add puts an item behind those of its client.
func (q *queue) add(it item) {
	s := q.shares[it.client]
	if s == nil {
		s = &share{due: q.now}
		q.shares[it.client] = s
	}
	q.turn++
	it.turn, it.due = q.turn, max(q.now, s.due)+float64(it.example.Tokens())
	if s.due = it.due; s.waiting == 0 {
		q.active++
	}
	s.waiting++
	q.held += it.example.Tokens()
	heap.Push(&q.items, it)
}

// mostPassed is how many items a batch may pass by that do not fit into it.
const mostPassed = 64

// leastShare is how many tokens a worker takes at once without regard to the other workers: fewer
// would not be computed any faster, each.
const leastShare = 128

// take waits for items and removes those that are due first and fit together, up to so
// many tokens but one at least, and of many that wait no more than a worker's share: what is
// left is begun as soon as another is ready. It returns none when the queue is closed and
// empty.
func (q *queue) take(tokens int) []item {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 && !q.closed {
		q.some.Wait()
	}
	tokens = min(tokens, max(q.held/q.workers, leastShare))
	var batch, passed []item
	clients, sum := q.active, 0
	for len(q.items) > 0 && len(passed) < mostPassed {
		next := heap.Pop(&q.items).(item)
		if len(batch) > 0 && (sum+next.example.Tokens() > tokens || !together(&batch[0], &next)) {
			passed = append(passed, next)
			continue
		}
		sum += next.example.Tokens()
		batch = append(batch, next)
		q.leave(&next)
	}
	for _, it := range passed {
		heap.Push(&q.items, it)
	}
	q.advance(sum, clients)
	if isLong(batch) {
		q.long++
	}
	if len(q.items) > 0 {
		q.some.Signal() // for another worker
		q.beside.Signal()
	}
	return batch
}

// advance moves the clock by what each of the clients would have had of so many tokens, and
// forgets those that have had no more.
func (q *queue) advance(tokens, clients int) {
	if clients == 0 {
		return
	}
	q.now += float64(tokens) / float64(clients)
	for client, s := range q.shares {
		if s.waiting == 0 && s.due <= q.now {
			delete(q.shares, client)
		}
	}
}

// together tells whether a text may pass with the first of a batch: one that is much
// longer would keep it waiting.
func together(first, next *item) bool {
	const short = 32 // tokens, among which lengths make no difference
	return next.model == first.model && next.example.Tokens() <= 4*max(first.example.Tokens(), short)
}

// leave takes an item off what its client has waiting.
func (q *queue) leave(it *item) {
	q.held -= it.example.Tokens()
	s := q.shares[it.client]
	if s.waiting--; s.waiting == 0 {
		q.active--
	}
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
	q.beside.Broadcast()
}

// dueFirst is a heap of items (container/heap).
type dueFirst []item

func (h dueFirst) Len() int      { return len(h) }
func (h dueFirst) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h dueFirst) Less(i, j int) bool {
	if h[i].due != h[j].due {
		return h[i].due < h[j].due
	}
	return h[i].turn < h[j].turn
}

// Push appends an item.
func (h *dueFirst) Push(x any) { *h = append(*h, x.(item)) }

// Pop removes the last item.
func (h *dueFirst) Pop() any {
	last := len(*h) - 1
	it := (*h)[last]
	(*h)[last] = item{} // lets go of the request
	*h = (*h)[:last]
	return it
}

package serve

import (
	"container/heap"
	"slices"
	"time"
)

// While every worker computes long texts, short ones pass beside them: a worker more takes
// those, a few at a time, and the system shares the cores out. Otherwise they would wait for
// a batch to end, some 10 ms, and where many clients ask for long texts for several, since
// fairness alone owes a client of short ones no more than its share. It rests in between, so
// that one client without end takes a seventh of the time from the long texts, with what it
// takes to read and answer it, and a tenth from batches, of which one asks for many answers
// more than for early ones.

const (
	shortTokens = 64  // of a text that passes beside, at most
	asideTokens = 128 // of those that pass beside together

	restsAside = 8                    // times what they usually take, but
	leastRest  = 3 * time.Millisecond // since reading and answering takes time, too
)

// takeAside waits until short texts wait while all workers are at long ones, and removes
// those that are due first and may pass together. It returns none when the queue is closed.
func (q *queue) takeAside() []item {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.closed {
		if q.long >= q.workers {
			if batch := q.shortOnes(); len(batch) > 0 {
				return batch
			}
		}
		q.beside.Wait()
	}
	return nil
}

// shortOnes removes the short texts that are due first, of one model.
func (q *queue) shortOnes() (batch []item) {
	clients, sum := q.active, 0
	for {
		first := -1
		for i := range q.items {
			it := &q.items[i]
			fits := it.example.Tokens() <= shortTokens && sum+it.example.Tokens() <= asideTokens &&
				(len(batch) == 0 || it.model == batch[0].model)
			if fits && (first < 0 || q.items.Less(i, first)) {
				first = i
			}
		}
		if first < 0 {
			q.advance(sum, clients)
			return batch
		}
		it := heap.Remove(&q.items, first).(item)
		sum += it.example.Tokens()
		batch = append(batch, it)
		q.leave(&it)
	}
}

// rests says how long no more pass beside.
type rests struct{ usual time.Duration } // that they take

// after is the rest after some that took a time, half as long again beside batches. What takes
// longer than usual may itself have been kept waiting, so the usual time falls at once and grows
// slowly.
func (r *rests) after(took time.Duration, batches bool) time.Duration {
	if r.usual == 0 {
		r.usual = took
	}
	r.usual = min(took, r.usual+r.usual/8)
	rest := max(restsAside*r.usual, leastRest)
	if batches {
		rest += rest / 2
	}
	return rest
}

// batches tells whether texts of requests of many wait.
func (q *queue) batches() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.ContainsFunc(q.items, func(it item) bool { return it.many })
}

// isLong tells whether a batch has a text that no short one should wait for.
func isLong(batch []item) bool {
	for i := range batch {
		if batch[i].example.Tokens() > shortTokens {
			return true
		}
	}
	return false
}

// ended says that a worker has computed a long batch.
func (q *queue) ended() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.long--
}

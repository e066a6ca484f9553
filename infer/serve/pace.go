package serve

import (
	"sync"
	"time"
)

// What refused bodies may come to, all together, for each core: dropping so many takes some
// percent of it, whatever clients send.
const (
	dropRate = 64 << 20 // bytes a second
	atOnce   = 4 << 20  // bytes that need not wait after a rest
)

// A pace says when bytes may come so that they are no more than a rate, one request's after
// the other's.
type pace struct {
	rate float64 // bytes a second

	mu   sync.Mutex
	next time.Time // when all that was let come has
}

// newPace is a pace of so many bytes a second.
func newPace(rate int) *pace { return &pace{rate: float64(rate)} }

// reserve is how long from now bytes are to wait until they come; none are let come that would
// not be there within a time.
func (p *pace) reserve(now time.Time, bytes int64, within time.Duration) (wait time.Duration, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := p.next
	if rested := now.Add(-p.lasts(atOnce)); next.Before(rested) {
		next = rested
	}
	end := next.Add(p.lasts(bytes))
	if end.Sub(now) > within {
		return 0, false
	}
	p.next = end
	return max(next.Sub(now), 0), true
}

// lasts is how long so many bytes take at the rate.
func (p *pace) lasts(bytes int64) time.Duration {
	return time.Duration(float64(bytes) / p.rate * float64(time.Second))
}

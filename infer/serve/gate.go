package serve

import (
	"context"
	"sync/atomic"
)

// light is the most bytes of a body that is read as it comes, since connections bound how
// many there are, and is parsed at once, since that takes a millisecond.
const light = 64 << 10

// A gate bounds what larger bodies take before their texts wait in the queue: the bytes
// that are held, and how many are parsed and tokenised at once, so that these leave the
// cores to the light ones.
type gate struct {
	limit int64
	held  atomic.Int64
	turns turns // has room for the large ones that are parsed, or taken from their connections

	lightTurns turns // and for the light ones
}

// newGate is a gate for a number of cores.
func newGate(limit int64, cores int) *gate {
	return &gate{limit: limit, turns: make(turns, turnsOf(cores)), lightTurns: make(turns, 16*cores)}
}

// turnsOf is how many large bodies so many cores take, parse or drop at once.
func turnsOf(cores int) int { return max(cores/2, 1) }

// enter reserves the bytes of a body until leave, or refuses it at once.
func (g *gate) enter(bytes int64) (leave func(), err error) {
	if bytes <= light {
		return func() {}, nil
	}
	if g.held.Add(bytes) > g.limit {
		g.held.Add(-bytes)
		return nil, errTooMuch
	}
	return func() { g.held.Add(-bytes) }, nil
}

// turn waits until a body of so many bytes may be parsed. done ends the turn.
func (g *gate) turn(ctx context.Context, bytes int) (done func(), err error) {
	turns := g.turns
	if bytes <= light {
		turns = g.lightTurns
	}
	select {
	case turns <- struct{}{}:
		return func() { <-turns }, nil
	case <-ctx.Done():
		return nil, errLate
	}
}

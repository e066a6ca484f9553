package serve

// Under load a server that may (Options.Shed) lowers the budget of requests step by step, so
// that it answers worse before it refuses. What a request asks for is the most that it may
// cost, so less is still what it asked for.

// The fill of the queue at which the first budget is lowered, and that at which the last is:
// from there on requests of several texts find no room.
const (
	shedFrom = 0.25
	shedTo   = 0.75
)

// lowered is a model at the budget that the queue leaves it, and the budget that it would
// have had; 0: it has that.
func (s *Server) lowered(h *hosted) (at *hosted, was float64) {
	if !s.options.Shed {
		return h, 0
	}
	var lower []*hosted
	for _, b := range h.budgets {
		if b.model.Budget() < h.model.Budget() {
			lower = append(lower, b)
		}
	}
	steps := shedSteps(s.queue.fill(), len(lower))
	if steps == 0 {
		return h, 0
	}
	return lower[steps-1], h.model.Budget()
}

// shedSteps is how many of so many steps a fill of the queue takes: they are as far apart
// between shedFrom and shedTo.
func shedSteps(fill float64, steps int) int {
	if fill < shedFrom {
		return 0
	}
	return min(1+int(float64(steps)*(fill-shedFrom)/(shedTo-shedFrom)), steps)
}

// fill is how full the queue is, of its texts or its tokens, from 0 to 1.
func (q *queue) fill() float64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return max(float64(len(q.items))/float64(q.texts), float64(q.held)/float64(q.tokens))
}

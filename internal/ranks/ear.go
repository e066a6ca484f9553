//go:build mpi

package ranks

import "time"

// signs is how many signs of life a rank gives within the patience of the others. For each
// the thread of MPI comes back to Go, and where workers have all of GOMAXPROCS one of them
// then rests for 10 to 20 ms, until Go's monitor notices that the thread is in C again: half
// a percent of its time where the patience is a minute.
const signs = 20

// An ear gives signs of life and hears those of others: rank 0 of all ranks, the others of
// rank 0.
type ear struct {
	patience time.Duration
	every    time.Duration // between two signs of its own
	told     time.Time     // when it gave its last
	line     []*line       // to those whom it hears
}

// A line is what one rank has of another: messages of a byte.
type line struct {
	rank    int
	heard   time.Time
	out, in wire
}

// A wire carries signs of life one way.
type wire interface {
	ready() bool // the last one has gone, or has come
	next()       // send another, or expect one
	cut()        // it is no longer needed
}

// listen begins to hear.
func listen(rank, size int, patience time.Duration) *ear {
	e := &ear{patience: patience, every: patience / signs}
	for other := range size {
		if other != rank && (rank == 0 || other == 0) {
			e.line = append(e.line, &line{rank: other, heard: time.Now(), out: newOut(other), in: newIn(other)})
		}
	}
	return e
}

// beat gives a sign of life where one is due, and notes those that have come. It returns a
// rank that has been silent for longer than the ear's patience.
func (e *ear) beat(now time.Time) (rank int, silent bool) {
	due := now.Sub(e.told) >= e.every
	if due {
		e.told = now
	}
	for _, l := range e.line {
		if due && l.out.ready() {
			l.out.next()
		}
		for l.in.ready() {
			l.heard = now
			l.in.next()
		}
		if now.Sub(l.heard) > e.patience {
			return l.rank, true
		}
	}
	return 0, false
}

// stop ends it.
func (e *ear) stop() {
	for _, l := range e.line {
		l.out.cut()
		l.in.cut()
	}
}

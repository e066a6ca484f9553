//go:build mpi

package ranks

import (
	"testing"
	"time"
)

// outgoing counts the signs that are sent.
type outgoing struct {
	sent    int
	blocked bool // the last one has not gone
	ended   bool
}

func (w *outgoing) ready() bool { return !w.blocked }
func (w *outgoing) next()       { w.sent++ }
func (w *outgoing) cut()        { w.ended = true }

// incoming has signs that have come.
type incoming struct {
	waiting int
	ended   bool
}

func (w *incoming) ready() bool { return w.waiting > 0 }
func (w *incoming) next()       { w.waiting-- }
func (w *incoming) cut()        { w.ended = true }

// A sign of life goes out when one is due, but behind one that has not gone; who has given none
// for longer than the patience is silent, and nobody else.
func TestBeat(t *testing.T) {
	begun := time.Now()
	a, b := &incoming{}, &incoming{}
	outA, outB := &outgoing{}, &outgoing{blocked: true}
	e := &ear{patience: 5 * time.Second, every: time.Second, line: []*line{{rank: 1, heard: begun, out: outA, in: a}, {rank: 2, heard: begun, out: outB, in: b}}}
	at := func(ms int, wantRank int, want bool) {
		t.Helper()
		if rank, silent := e.beat(begun.Add(time.Duration(ms) * time.Millisecond)); rank != wantRank || silent != want {
			t.Errorf("after %d ms: rank %d, silent %v", ms, rank, silent)
		}
	}
	at(0, 0, false)
	at(900, 0, false)
	a.waiting, b.waiting = 3, 1
	at(1000, 0, false)
	if outA.sent != 2 || outB.sent != 0 || a.waiting != 0 || b.waiting != 0 {
		t.Errorf("sent %d and %d, left %d and %d", outA.sent, outB.sent, a.waiting, b.waiting)
	}
	at(5900, 0, false)
	a.waiting = 1
	at(6000, 0, false)
	at(6001, 2, true)
	e.stop()
	if !a.ended || !b.ended || !outA.ended || !outB.ended {
		t.Error("a wire is left")
	}
}

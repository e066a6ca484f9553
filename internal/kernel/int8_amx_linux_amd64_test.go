package kernel

import (
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// The tiles of AMX are no part of what the runtime knows: many goroutines multiply while
// the garbage is collected without pause and signals, those of preemption among them, hit
// the threads, and no bit may differ.
func TestAMXUnderSignals(t *testing.T) {
	amx := int8Kernels[0]
	if err := amx.ready(); err != nil {
		t.Skip(err)
	}
	span := 3 * time.Second
	if testing.Short() {
		span = time.Second / 2
	}
	var done atomic.Bool
	time.AfterFunc(span, func() { done.Store(true) })
	var noise, work sync.WaitGroup
	noise.Go(func() {
		for !done.Load() {
			runtime.GC()
		}
	})
	noise.Go(func() {
		for self, _ := os.FindProcess(os.Getpid()); !done.Load(); time.Sleep(10 * time.Microsecond) {
			_ = self.Signal(syscall.SIGURG)
		}
	})
	var products atomic.Int64
	for n := range 64 {
		work.Go(func() {
			p := randomInt8(17+n%30, 40+n, 300+n)
			want := p.naive(FastGELU)
			for !done.Load() {
				if !slices.Equal(p.run(t, amx, FastGELU, nil), want) {
					t.Error("results differ")
					return
				}
				products.Add(1)
			}
		})
	}
	work.Wait()
	noise.Wait()
	t.Logf("%d products", products.Load())
}

// The configuration has a row for each of the tile and none where there is none.
func TestAMXConfiguration(t *testing.T) {
	for rows, want := range map[int][8]byte{
		1: {1, 1, 0, 0, 1, 0, 16, 16}, 16: {16, 16, 0, 0, 16, 0, 16, 16},
		17: {16, 16, 1, 1, 16, 1, 16, 16}, 32: {16, 16, 16, 16, 16, 16, 16, 16},
	} {
		c := tileConfig(rows)
		if c[0] != 1 || [8]byte(c[48:56]) != want {
			t.Errorf("%d rows: palette %d, rows %v, want %v", rows, c[0], c[48:56], want)
		}
		for i, r := range want {
			if wide := c[16+2*i] == 64; wide != (r > 0) || c[17+2*i] != 0 {
				t.Errorf("%d rows: register %d has %d bytes a row", rows, i, c[16+2*i])
			}
		}
	}
}

package serve

import (
	"runtime"
	"testing"
	"time"
)

// An alarm never goes off early, and on Linux less than a millisecond late when nothing keeps
// it: of many waits one is not kept. After it is closed it is a sleep.
func TestAlarm(t *testing.T) {
	a := newAlarm()
	const d = 1300 * time.Microsecond
	least := time.Hour
	for range 100 {
		begin := time.Now()
		a.wait(d)
		took := time.Since(begin)
		if took < d {
			t.Fatalf("a wait of %v took %v", d, took)
		}
		least = min(least, took)
	}
	if runtime.GOOS == "linux" && least > d+time.Millisecond/2 {
		t.Errorf("waits of %v take %v at least", d, least)
	}
	a.wait(0)
	a.wait(-d)
	a.close()
	begin := time.Now()
	if a.wait(d); time.Since(begin) < d {
		t.Error("a closed alarm goes off early")
	}
}

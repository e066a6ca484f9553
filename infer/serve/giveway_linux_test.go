package serve

import (
	"os"
	"strconv"
	"testing"
)

// nices counts the threads of the process by how much lower their priority is.
func nices(t *testing.T, than int) map[int]int {
	t.Helper()
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Skip(err)
	}
	n := map[int]int{}
	for _, thread := range threads {
		id, _ := strconv.Atoi(thread.Name())
		if nice, err := niceness(id); err == nil { // it may have ended
			n[nice-than]++
		}
	}
	return n
}

// A goroutine that gives way has a thread of a lower priority, which ends with it and which no
// other thread has it from.
func TestGivesWay(t *testing.T) {
	usual, err := niceness(0)
	if err != nil || usual > 19-lowerAlone {
		t.Skipf("the tests run at %d (%v)", usual, err)
	}
	before := nices(t, usual)[lower()]
	givingWay(func() {
		began := make(chan bool) // takes a thread, which is not this one's child
		go func() { began <- true }()
		<-began
		if n := nices(t, usual)[lower()]; n != before+1 {
			t.Errorf("%d threads give way, want %d", n, before+1)
		}
	})
	if nice, err := niceness(0); err != nil || nice != usual {
		t.Errorf("the thread of the test is at %d (%v), want %d", nice, err, usual)
	}
}

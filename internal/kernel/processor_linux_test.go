package kernel

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// A thread that departs goes on elsewhere and may still run wherever it might before; a helper
// that finds its caller's processor under it departs before it begins.
func TestHelperLeavesItsCallersProcessor(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, after unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Fatal(err)
	}
	if before.Count() < 2 {
		t.Skip("there is one processor")
	}
	for name, leave := range map[string]func(p int32){
		"departing": depart,
		"taking a job": func(p int32) {
			var h helper
			done := int32(-1)
			j := &job{n: 1, f: func(int) { done = processor() }, processor: p}
			j.helpers.Add(1)
			h.job.Store(j)
			h.take()
			if done == p || done < 0 || h.job.Load() != &ready || j.helpers.Load() != 0 {
				t.Errorf("the job of processor %d was done on %d", p, done)
			}
		},
	} {
		p := processor()
		if p < 0 || !before.IsSet(int(p)) {
			t.Fatalf("runs on %d, may run on %v", p, before)
		}
		leave(p)
		// Only the system's own balance could have brought it back by now.
		if now := processor(); now == p {
			t.Errorf("%s: still on processor %d", name, p)
		}
	}
	if err := unix.SchedGetaffinity(0, &after); err != nil {
		t.Fatal(err)
	}
	if after != before {
		t.Errorf("may run on %v, on %v before", after, before)
	}
}

// Where a thread may run nowhere else it stays, and may run there still.
func TestDepartFromTheOnlyProcessor(t *testing.T) {
	var p int32
	var before, after unix.CPUSet
	done := make(chan error)
	go func() { // on a thread that ends with it, for it stays locked
		runtime.LockOSThread()
		p = processor()
		before.Set(int(p))
		err := unix.SchedSetaffinity(0, &before)
		depart(p)
		if err == nil {
			err = unix.SchedGetaffinity(0, &after)
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if after != before {
		t.Errorf("may run on %v, on %v before", after, before)
	}
}

package serve

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// giveWay puts the calling goroutine on a thread of its own, until it ends, that gives way to
// the program's others. A thread that computes now and answers then would have used up its
// turns when an answer is due.
func giveWay() {
	runtime.LockOSThread()
	if nice, err := niceness(); err == nil {
		_ = unix.Setpriority(unix.PRIO_PROCESS, 0, nice+lower()) // otherwise it is as the others
	}
}

// niceness is that of the calling thread.
func niceness() (int, error) {
	raised, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	return 20 - raised, err // the system call returns no negative numbers
}

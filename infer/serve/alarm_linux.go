package serve

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// An alarm wakes whoever waits for it, by a timer of the system. Go's own wake a millisecond
// late where nothing else runs, and look at the clock once more before: each look takes its
// core from what computes. It is not safe for concurrent use.
type alarm struct {
	timer *os.File // nil where the system has none
	fd    int      // its
}

func newAlarm() *alarm {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return &alarm{}
	}
	return &alarm{os.NewFile(uintptr(fd), "timer"), fd}
}

// wait returns when d is over.
func (a *alarm) wait(d time.Duration) {
	begin := time.Now()
	once := unix.ItimerSpec{Value: unix.NsecToTimespec(d.Nanoseconds())}
	if a.timer != nil && d > 0 && unix.TimerfdSettime(a.fd, 0, &once, nil) == nil {
		var times [8]byte // that it went off
		_, _ = a.timer.Read(times[:])
	}
	time.Sleep(d - time.Since(begin)) // where the timer did not do
}

func (a *alarm) close() {
	if a.timer != nil {
		_ = a.timer.Close() // nothing was written to it
	}
}

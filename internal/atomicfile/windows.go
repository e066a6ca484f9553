package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"syscall"
	"time"
)

// Errors of Windows, by their numbers there.
const (
	sharingViolation syscall.Errno = 32
	invalidName      syscall.Errno = 123 // as a pattern has, with its *
)

// onWindows tells whether the program runs there, and an error is a certain one.
func onWindows(err, one error) bool { return runtime.GOOS == "windows" && errors.Is(err, one) }

// busy is how long a file may be in use before Windows is believed that it cannot be moved or
// replaced: scanners open what is new for moments, and so do other processes of ours.
const busy = 2 * time.Second

// move is os.Rename, again and again on Windows while somebody has a file open.
func move(from, to string) error {
	for begun, pause := time.Now(), time.Millisecond; ; pause *= 2 {
		err := os.Rename(from, to)
		inUse := onWindows(err, sharingViolation) || onWindows(err, fs.ErrPermission)
		if !inUse || time.Since(begun) > busy {
			return err
		}
		time.Sleep(pause)
	}
}

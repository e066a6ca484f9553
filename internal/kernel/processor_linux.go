package kernel

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// processor is the one that the calling thread runs on at the moment.
func processor() int32 {
	var p uint32
	if _, _, failed := unix.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&p)), 0, 0); failed != 0 {
		return nowhere
	}
	return int32(p)
}

// depart has the calling thread go on on another processor than p, where it may run on
// another. Woken threads begin on the processor of who woke them, even where others are idle
// that share no cache with it, and stay until the system next balances its load, milliseconds
// later.
func depart(p int32) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var allowed unix.CPUSet
	if unix.SchedGetaffinity(0, &allowed) != nil {
		return
	}
	others := allowed
	others.Clear(int(p))
	if others.Count() == 0 || unix.SchedSetaffinity(0, &others) != nil {
		return
	}
	_ = unix.SchedSetaffinity(0, &allowed) // as it was; it need not go back
}

package kernel

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// permitAMX asks Linux to let this process use the tiles of AMX. Linux asks to be asked,
// since they make the state that it saves for every thread 8 KB larger; it refuses where
// a thread has too small a stack for signals, which Go's own never are.
func permitAMX() error {
	const (
		request = 0x1023 // ARCH_REQ_XCOMP_PERM
		tiles   = 18     // XFEATURE_XTILEDATA
	)
	if _, _, errno := unix.RawSyscall(unix.SYS_ARCH_PRCTL, request, tiles, 0); errno != 0 {
		return fmt.Errorf("the system does not let this process use AMX: %w", errno)
	}
	return nil
}

package kernel

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// advise asks for large pages under the whole ones of x. The system may decline.
func advise(x []byte) {
	skip := -int(uintptr(unsafe.Pointer(&x[0]))) & (hugePage - 1)
	_ = unix.Madvise(x[skip:skip+(len(x)-skip)&^(hugePage-1)], unix.MADV_HUGEPAGE)
}

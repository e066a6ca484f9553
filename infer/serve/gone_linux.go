package serve

import (
	"net"

	"golang.org/x/sys/unix"
)

// gone tells whether the client has ended its side, though what it sent before may lie unread.
func gone(c net.Conn) (ended bool) {
	onDescriptor(c, func(fd int) {
		asked := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
		n, err := unix.Poll(asked, 0)
		ended = err == nil && n > 0
	})
	return ended
}

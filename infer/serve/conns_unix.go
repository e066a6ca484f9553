//go:build unix

package serve

import (
	"net"
	"os"
	"syscall"
)

// unread tells whether bytes have come that nobody has read.
func unread(c net.Conn) (some bool) {
	onDescriptor(c, func(fd int) {
		var one [1]byte
		n, _, err := syscall.Recvfrom(fd, one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		some = err == nil && n > 0
	})
	return some
}

// await waits until bytes have come, or their end; where it cannot it says so.
func await(c net.Conn) (can bool, err error) {
	s, ok := c.(syscall.Conn)
	if !ok {
		return false, nil
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return true, err
	}
	return true, raw.Read(func(fd uintptr) bool {
		var one [1]byte
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return err != syscall.EAGAIN
	})
}

// waiting is a connection that the kernel has made already, nil where there is none: what
// waits behind a listener whose deadline has passed.
func waiting(l net.Listener) (c net.Conn) {
	onDescriptor(l, func(fd int) {
		accepted, _, err := syscall.Accept(fd)
		if err != nil {
			return
		}
		file := os.NewFile(uintptr(accepted), "connection")
		defer file.Close()
		if of, err := net.FileConn(file); err == nil { // has a descriptor of its own
			c = of
		}
	})
	return c
}

// onDescriptor calls f with the descriptor of a socket, if it has one.
func onDescriptor(socket any, f func(fd int)) {
	if s, ok := socket.(syscall.Conn); ok {
		if raw, err := s.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) { f(int(fd)) })
		}
	}
}

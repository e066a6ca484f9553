//go:build !unix

package serve

import "net"

// unread is not told here.
func unread(net.Conn) bool { return false }

// waiting is none: what the kernel has made already ends with the listener.
func waiting(net.Listener) net.Conn { return nil }

// await cannot wait here without reading.
func await(net.Conn) (can bool, err error) { return false, nil }

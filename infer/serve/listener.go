package serve

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// A listener accepts connections until it is told to stop, and then those that wait.
type listener struct {
	net.Listener
	conns    *conns
	secured  bool          // by TLS, so that a plain answer means nothing
	refused  func()        // counts a connection beyond the limit
	answered chan struct{} // has room for those that are being told
	drops    drops         // of what they have sent
	stopping atomic.Bool
}

// Accept returns the next connection. One beyond the limit is told so and closed.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.next()
		if err != nil {
			return nil, err
		}
		if added := l.conns.add(c); added != nil {
			return added, nil
		}
		l.refused()
		l.turnAway(c)
	}
}

// next is the next connection; after stop the next that waits, and net.ErrClosed after
// the last. Between that and closing the listener there is nothing, so that hardly a
// connection gets lost; where another process has the socket, too, it accepts it.
func (l *listener) next() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil || !l.stopping.Load() {
		return c, err
	}
	if c := waiting(l.Listener); c != nil {
		return c, nil
	}
	return nil, errors.Join(net.ErrClosed, l.Listener.Close())
}

// stop makes Accept go on with what waits alone.
func (l *listener) stop() {
	l.stopping.Store(true)
	if d, ok := l.Listener.(interface{ SetDeadline(time.Time) error }); ok {
		_ = d.SetDeadline(time.Unix(1, 0))
		return
	}
	_ = l.Listener.Close()
}

// crowded is the answer to a connection beyond the limit.
const crowded = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: 76\r\n" +
	"Retry-After: 1\r\nConnection: close\r\n\r\n" + `{"error":"too many connections, try again later","error_type":"Unhealthy"}` + "\r\n"

// turnAway tells a connection that there are too many and closes it; where too many are
// being told, too, it is closed.
func (l *listener) turnAway(c net.Conn) {
	select {
	case l.answered <- struct{}{}:
	default:
		_ = c.Close()
		return
	}
	go func() {
		defer func() { <-l.answered }()
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(longestDrop))
		if l.secured {
			return
		}
		if _, err := io.WriteString(c, crowded); err != nil {
			return
		}
		if half, ok := c.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
		if !abandoned(c, l.drops.wait(mostDropped)) {
			drop(c)
		}
	}()
}

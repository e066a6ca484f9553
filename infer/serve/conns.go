package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// conns are the connections of a server. The server ends them itself, rather than
// http.Server.Shutdown, which closes one that looks idle although a request lies unread
// in it.
type conns struct {
	most    int           // at once
	timeout time.Duration // for a request to arrive
	ending  atomic.Bool   // a connection that is closed is read to its end first

	mu   sync.Mutex
	open map[*conn]struct{}
}

// add makes a connection one of the server's; nil where that has as many as it may.
func (cs *conns) add(c net.Conn) *conn {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if len(cs.open) >= cs.most {
		return nil
	}
	if cs.open == nil {
		cs.open = map[*conn]struct{}{}
	}
	added := &conn{Conn: c, of: cs}
	added.idle.Store(true)
	cs.open[added] = struct{}{}
	return added
}

// len is how many connections are open.
func (cs *conns) len() int {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return len(cs.open)
}

// each calls f for every connection.
func (cs *conns) each(f func(*conn)) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for c := range cs.open {
		f(c)
	}
}

// state follows what http.Server says of a connection.
func (cs *conns) state(c net.Conn, state http.ConnState) {
	if known := own(c); known != nil && (state == http.StateIdle || state == http.StateActive) {
		known.idle.Store(state == http.StateIdle)
	}
}

// A conn is a connection that can be asked to end once no request is on it.
type conn struct {
	net.Conn
	of      *conns
	idle    atomic.Bool           // no byte of a request has come since the last answer
	retired atomic.Bool           // it is to end unless there is one
	turns   atomic.Pointer[turns] // in which a large body that comes is taken; nil: none comes
	closing sync.Once
}

// Read reads what has come. A connection that is to end does so if that is nothing.
func (c *conn) Read(p []byte) (int, error) {
	for {
		n, err := c.take(p)
		if n > 0 {
			c.idle.Store(false)
		}
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) || !c.retired.Swap(false) || c.idle.Load() && !unread(c.Conn) {
			return n, err
		}
		_ = c.Conn.SetReadDeadline(time.Now().Add(c.of.timeout))
	}
}

// turns has room for those that do something at once.
type turns chan struct{}

// piece is how much of a large body is taken in one turn.
const piece = 64 << 10

// take reads what has come, of a large body a piece: once there is one, in turn with others
// that are large.
func (c *conn) take(p []byte) (int, error) {
	turns := c.turns.Load()
	if turns == nil {
		return c.Conn.Read(p)
	}
	if can, err := await(c.Conn); err != nil {
		return 0, err
	} else if !can { // a turn would last as long as its client likes
		return c.Conn.Read(p)
	}
	*turns <- struct{}{}
	defer func() { <-*turns }()
	return c.Conn.Read(p[:min(len(p), piece)])
}

// connKey is under what a request's context has its connection.
type connKey struct{}

// known is a context with a connection that is the server's.
func (cs *conns) known(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, own(c))
}

// own is a connection without TLS around it, nil if it is not the server's.
func own(c net.Conn) *conn {
	if secured, ok := c.(*tls.Conn); ok {
		c = secured.NetConn()
	}
	known, _ := c.(*conn)
	return known
}

// connOf is the connection of a request; nil if it is not the server's.
func connOf(r *http.Request) *conn {
	c, _ := r.Context().Value(connKey{}).(*conn)
	return c
}

// socketOf is that of a request's connection, without what the server knows of it; nil if it is
// not the server's.
func socketOf(r *http.Request) net.Conn {
	if c := connOf(r); c != nil {
		return c.Conn
	}
	return nil
}

// taking says that a large body comes on a request's connection, and in which turns it is
// taken, until done.
func taking(r *http.Request, in turns) (done func()) {
	c := connOf(r)
	if c == nil {
		return func() {}
	}
	c.turns.Store(&in)
	return func() { c.turns.Store(nil) }
}

// retire ends the connection if no request is on it, be it unread.
func (c *conn) retire() {
	if c.idle.Load() {
		c.retired.Store(true)
		_ = c.Conn.SetReadDeadline(time.Unix(1, 0))
	}
}

// lingers is how long a connection that is closed waits for its client to close it, too.
const lingers = time.Second

// Close closes the connection. While the server ends that is the writing side first, and
// what still comes is read, for bytes that are left unread would take back the answer.
func (c *conn) Close() (err error) {
	c.closing.Do(func() {
		half, ok := c.Conn.(interface{ CloseWrite() error })
		if !ok || !c.of.ending.Load() {
			err = c.end()
			return
		}
		err = half.CloseWrite()
		go func() {
			_ = c.Conn.SetReadDeadline(time.Now().Add(lingers))
			_, _ = io.CopyN(io.Discard, c.Conn, mostDropped)
			_ = c.end()
		}()
	})
	return err
}

// end closes the connection at once.
func (c *conn) end() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

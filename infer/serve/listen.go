package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Serve accepts connections until ctx ends. Then the server is not ready any more; after
// Grace it takes no more connections, answers every request that is on one with
// "Connection: close", and returns nil. What is left at the Deadline is cut off, and the
// error says so. The server is closed in any case.
//
// A socket that another process has, too, as one of systemd's, keeps the connections that
// come in between for it.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	defer s.Close()
	accepting := &listener{Listener: l, conns: &s.conns, secured: s.options.TLS != nil,
		refused: s.metrics.shut.Inc, answered: make(chan struct{}, 256), drops: s.drops}
	var from net.Listener = accepting
	if s.options.TLS != nil {
		from = tls.NewListener(from, s.options.TLS)
	}
	server := s.http()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(from) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	return s.end(server, accepting, failed)
}

// http is the server that speaks HTTP/1.1.
func (s *Server) http() *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Server{
		Handler:           s,
		Protocols:         protocols,
		ReadHeaderTimeout: s.options.HeaderTimeout, // a slow client holds a connection no longer
		ReadTimeout:       s.options.Timeout,
		WriteTimeout:      3 * s.options.Timeout, // from the header on: reading, waiting, writing
		IdleTimeout:       s.options.IdleTimeout,
		MaxHeaderBytes:    1 << 16,
		ConnState:         s.conns.state,
		ConnContext:       s.conns.known,
		ErrorLog:          slog.NewLogLogger(s.options.Log.Handler(), slog.LevelDebug),
	}
}

// patience is how long a connection without a request is left to its client once the
// server takes no more: one under load brings its next request, and is told to come back
// elsewhere.
const patience = time.Second

// end takes no more connections after the grace, and waits until those that are there have
// ended, or the deadline comes. accepted tells that all have been accepted that will be.
func (s *Server) end(server *http.Server, l *listener, accepted <-chan error) error {
	deadline := time.Now().Add(s.options.Deadline)
	s.draining.Store(true)
	time.Sleep(min(s.options.Grace, s.options.Deadline))
	s.conns.ending.Store(true)
	l.stop()
	<-accepted
	idle := time.Now().Add(min(patience, time.Until(deadline)/2))
	for ; s.conns.len() > 0; time.Sleep(10 * time.Millisecond) {
		now := time.Now()
		if now.After(deadline) {
			s.conns.each(func(c *conn) { _ = c.Conn.Close() })
			return errors.Join(errors.New("serve: requests were cut off: they took too long to end"), server.Close())
		}
		if now.After(idle) {
			s.conns.each((*conn).retire)
		}
	}
	return server.Close()
}

package serve

import (
	"net/http"
	"sync/atomic"

	"github.com/powerbert/powerbert/infer"
)

// A Server is an http.Handler over models, and the workers behind it.
type Server struct {
	options  Options
	models   models
	queue    *queue
	gate     *gate
	drops    drops
	conns    conns
	metrics  *metrics
	handler  http.Handler
	draining atomic.Bool   // requests are better sent elsewhere
	workers  chan struct{} // closed when all have ended
}

// New starts the workers of a server of a model. Close ends them. A model that chooses
// among options has no place in the dialects: every request for a prediction is refused.
func New(m *infer.Model, o Options) *Server {
	s := &Server{options: o.defaults(), workers: make(chan struct{})}
	s.conns.most, s.conns.timeout = s.options.MaxConnections, s.options.Timeout
	s.queue = newQueue(s.options.Queue, s.options.QueueTokens, s.options.Workers)
	s.gate = newGate(s.options.Bodies, s.options.Workers)
	s.drops = newDrops(s.options.Workers)
	s.metrics = newMetrics(s.queue)
	s.Put(s.options.Name, m)
	s.handler = s.routes()
	go s.work(s.options.Workers)
	return s
}

// Put adds a model under a name, or replaces the one that has it. Requests that have begun
// end with the model that they began with.
func (s *Server) Put(name string, m *infer.Model) { s.models.put(name, m) }

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close answers what waits in the queue and ends the workers. Requests that come
// later get 503.
func (s *Server) Close() {
	s.draining.Store(true)
	s.queue.close()
	<-s.workers
}

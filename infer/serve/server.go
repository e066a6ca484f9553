// Package serve answers HTTP requests with a model's predictions.
//
// It speaks two dialects: POST /predict has the shape of Hugging Face's
// text-embeddings-inference, and /v2 is the Open Inference Protocol that KServe
// and Triton speak. GET /health and GET /metrics (Prometheus) are for those who
// watch.
//
// Texts of all requests wait in one queue. A worker per core takes what is waiting,
// up to a number of tokens, so that a busy server runs full batches and an idle one
// answers at once; nobody waits for a batch to fill. What a text shares its batch
// with changes its prediction by rounding at most.
package serve

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/powerbert/powerbert/infer"
)

// Options are a server's limits and names. The zero value has the defaults.
type Options struct {
	Name    string // of the model, in /v2/models/NAME; default "model"
	Version string // of the program, in /v2

	BatchTokens int           // that pass together, where a text has no more alone; default 2048
	Queue       int           // texts that may wait; a request that finds too little room gets 429; default 1024
	MaxInputs   int           // texts of a request; default 32, as text-embeddings-inference has it
	MaxBody     int64         // bytes of a request; default 2 MB
	Timeout     time.Duration // for a request to arrive, and again to be answered; default 30 s

	Log *slog.Logger // accesses at debug; default: none
}

func (o Options) defaults() Options {
	o.Name = cmp.Or(o.Name, "model")
	o.BatchTokens = cmp.Or(o.BatchTokens, 2048)
	o.Queue = cmp.Or(o.Queue, 1024)
	o.MaxInputs = min(cmp.Or(o.MaxInputs, 32), o.Queue) // more would never find room
	o.MaxBody = cmp.Or(o.MaxBody, 2e6)
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// A Server is an http.Handler over a model, and the workers behind it.
type Server struct {
	options  Options
	model    *infer.Model
	labels   []string
	scored   bool // a regression
	queue    *queue
	metrics  *metrics
	handler  http.Handler
	draining atomic.Bool
	workers  chan struct{} // closed when all have ended
}

// New starts the workers of a server. Close ends them. A model that chooses among
// options has no place in the dialects: every request for a prediction is refused.
func New(m *infer.Model, o Options) *Server {
	s := &Server{options: o.defaults(), model: m, labels: m.Config.Labels(),
		scored: m.Scores(), workers: make(chan struct{})}
	s.queue = newQueue(s.options.Queue)
	s.metrics = newMetrics(s.queue)
	s.handler = s.routes()
	go s.work(runtime.GOMAXPROCS(0))
	return s
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close answers what waits in the queue and ends the workers. Requests that come
// later get 503.
func (s *Server) Close() {
	s.draining.Store(true)
	s.queue.close()
	<-s.workers
}

// Serve accepts connections until ctx ends. Then it accepts no more, answers every
// request that has begun, and returns nil; a request that has not been answered
// after twice the timeout is cut off, and the error says so. The server is closed
// in any case.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	defer s.Close()
	timeout := s.options.Timeout
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: min(timeout, 10*time.Second), // a slow client holds a connection no longer
		ReadTimeout:       timeout,
		WriteTimeout:      3 * timeout, // from the header on: reading, waiting, writing
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    1 << 16,
		ErrorLog:          slog.NewLogLogger(s.options.Log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	s.draining.Store(true)
	limit, cancel := context.WithTimeout(context.Background(), 2*timeout)
	defer cancel()
	err := server.Shutdown(limit)
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.Join(errors.New("serve: requests were cut off: they took too long to end"), server.Close())
	}
	return err
}

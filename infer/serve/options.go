package serve

import (
	"cmp"
	"crypto/tls"
	"log/slog"
	"runtime"
	"time"
)

// Options are a server's limits and names. The zero value has the defaults.
type Options struct {
	Name    string // of the first model, in /v2/models/NAME; default "model"
	Version string // of the program, in /v2

	Shed bool // under load, lower the budget of models that have several before requests are refused

	Workers        int           // batches that are computed at once; default a core each (GOMAXPROCS)
	BatchTokens    int           // that pass together, where a text has no more alone; default 256
	Queue          int           // texts that may wait; a request that finds too little room gets 429; default 1024
	QueueTokens    int           // of them, together; default 262144
	MaxInputs      int           // texts of a request; default 32, as text-embeddings-inference has it
	MaxBody        int64         // bytes of a request; default 2 MB
	Bodies         int64         // bytes of the requests above 64 KiB that are held before the queue; default 16 times MaxBody
	MaxConnections int           // at once; one more gets 503; default 1024
	Timeout        time.Duration // for a request to arrive, and again to be answered; default 30 s
	HeaderTimeout  time.Duration // for its header to arrive; default 10 s, or Timeout if that is less
	IdleTimeout    time.Duration // that a connection may be without a request; default 2 min

	Grace    time.Duration // from the end of Serve's context, when the server is not ready any more, until it takes no more connections; default none
	Deadline time.Duration // of the whole ending, Grace included; default 30 s

	Token func() string // that requests must bear, but for those of probes; nil: none
	TLS   *tls.Config   // of Serve; nil: plain HTTP

	Log *slog.Logger // accesses at debug; default: none
}

func (o Options) defaults() Options {
	o.Name = cmp.Or(o.Name, "model")
	o.Workers = cmp.Or(o.Workers, runtime.GOMAXPROCS(0))
	o.BatchTokens = cmp.Or(o.BatchTokens, 256)
	o.Queue = cmp.Or(o.Queue, 1024)
	o.QueueTokens = cmp.Or(o.QueueTokens, 1<<18)
	o.MaxInputs = min(cmp.Or(o.MaxInputs, 32), o.Queue) // more would never find room
	o.MaxBody = cmp.Or(o.MaxBody, 2e6)
	o.Bodies = max(cmp.Or(o.Bodies, 16*o.MaxBody), o.MaxBody)
	o.MaxConnections = cmp.Or(o.MaxConnections, 1024)
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	o.HeaderTimeout = cmp.Or(o.HeaderTimeout, min(o.Timeout, 10*time.Second))
	o.IdleTimeout = cmp.Or(o.IdleTimeout, 2*time.Minute)
	o.Deadline = cmp.Or(o.Deadline, 30*time.Second)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/infer/serve"
)

// serveFlags are the flags of `train serve`.
type serveFlags struct {
	options   serve.Options
	addr      string
	names     []string
	follow    time.Duration
	tokenFile string
	cert, key string
	maxLength int
	budget    float64
	shed      string
	level     slog.Level
	format    string
	checking
}

// newServe is `train serve`: models over HTTP.
func newServe(a *app) *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve DIR...",
		Short: "Answer HTTP requests with models' predictions",
		Long: `Serve answers HTTP requests with the predictions of a model, or of several:

  POST /predict                  as text-embeddings-inference, of the first model
  POST /classify                 as vLLM, of the "model" or the first
  POST /v2/models/NAME/infer     Open Inference Protocol: "text" in, "label" and
                                 "probabilities" out, of a regression "score"; GET /v2, /v2/models/NAME and
                                 /v2/models/NAME/ready, /v2/health/live and /ready
  GET  /health, /metrics         200 or 503; Prometheus
  GET  /openapi.json             all of this, for programs

Texts of all requests share batches, and clients share the server evenly: a short text
passes by a long batch. A request is refused with 401 without the token, 413 if it is too
large, 415 if it is compressed, 429 while too much waits, and 503 beyond the
connections. A model whose directory changes is replaced without losing a request.

On Ctrl-C or SIGTERM it is not ready any more, takes no more connections after --grace,
answers what is on those that it has, and ends by --deadline. A socket that it
inherits, of systemd or as --addr fd:3, keeps connections for whoever comes next.

It listens on this machine alone unless --addr says otherwise.`,
		Example: `  train serve runs/demo/retrain
  curl localhost:8080/predict -d '{"inputs": "a slow start but a lovely end"}'
  train serve runs/demo/retrain --addr :8443 --tls-cert cert.pem --tls-key key.pem --token-file token
  train serve --check --addr localhost:8443 --tls-ca ca.pem`,
		ValidArgsFunction: completeDir,
	}
	c.Args = func(_ *cobra.Command, args []string) error { return f.args(args) }
	f.register(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if f.check {
			return f.ask(c.Context(), f.addr)
		}
		return a.serve(c.Context(), args, f)
	}
	return c
}

// register adds the flags to the command.
func (f *serveFlags) register(c *cobra.Command) {
	flags, o := c.Flags(), &f.options
	flags.StringVar(&f.addr, "addr", "127.0.0.1:8080", "address to listen on; :8080 is every interface, fd:3 an open socket")
	flags.StringSliceVar(&f.names, "name", nil, "of the models under /v2/models, in their order (default: those of their DIR)")
	flags.DurationVar(&f.follow, "follow", 2*time.Second, "between looks whether a DIR has changed, whose model is then replaced; 0: none")
	flags.IntVar(&o.BatchTokens, "batch-tokens", 256, "tokens that pass together on a core, about")
	flags.IntVar(&o.Queue, "queue", 1024, "texts that may wait")
	flags.IntVar(&o.QueueTokens, "queue-tokens", 1<<18, "tokens of them, together")
	flags.IntVar(&o.MaxInputs, "max-inputs", 32, "texts of a request")
	flags.Int64Var(&o.MaxBody, "max-body", 2e6, "bytes of a request")
	flags.Int64Var(&o.Bodies, "bodies", 0, "bytes of requests above 64 KiB that are held before they are queued (default 16 times --max-body)")
	flags.IntVar(&o.MaxConnections, "max-connections", 1024, "at once")
	flags.DurationVar(&o.Timeout, "timeout", 30*time.Second, "for a request to arrive, and again for its answer")
	flags.DurationVar(&o.HeaderTimeout, "header-timeout", 0, "for its header to arrive (default 10s, or --timeout if that is less)")
	flags.DurationVar(&o.IdleTimeout, "idle-timeout", 2*time.Minute, "that a connection may be without a request")
	flags.DurationVar(&o.Grace, "grace", 0, "from the signal to end, when it is not ready any more, until it takes no more connections")
	flags.DurationVar(&o.Deadline, "deadline", 30*time.Second, "of ending, --grace included")
	flags.StringVar(&f.tokenFile, "token-file", "", "file with a token that requests must bear; read again when it changes")
	flags.StringVar(&f.cert, "tls-cert", "", "certificate in PEM, for TLS 1.2 and later; read again when it changes")
	flags.StringVar(&f.key, "tls-key", "", "its key")
	c.MarkFlagsRequiredTogether("tls-cert", "tls-key")
	withBudget(flags, &f.budget)
	flags.StringVar(&f.shed, "shed", "", "quality: as the queue fills, answer at lower budgets before requests are refused, of models that have several (default: nothing)")
	flags.IntVar(&f.maxLength, "max-length", 0, "tokens that texts are cut to (default: as the model was trained)")
	flags.TextVar(&f.level, "log", slog.LevelInfo, "least level to log; debug has every request")
	flags.StringVar(&f.format, "log-format", "text", "text or json")
	f.checking.register(c)
}

// args wants directories, each with a name of its own, or none with --check.
func (f *serveFlags) args(args []string) error {
	switch {
	case !f.check && len(args) == 0:
		return fmt.Errorf("DIR is missing, want %s, or several", modelMeaning)
	case f.check && f.cert != "":
		return errors.New("--check asks over TLS by --tls-ca or --insecure, and needs no --tls-cert")
	}
	return f.checking.args(args)
}

// shedQuality is what --shed lets go of under load.
const shedQuality = "quality"

// valid refuses flags that make no sense with any model.
func (f *serveFlags) valid() error {
	o := &f.options
	switch {
	case o.BatchTokens < 1 || o.Queue < 1 || o.MaxInputs < 1 || o.MaxBody < 1:
		return usagef("serve", "--batch-tokens is %d, --queue %d, --max-inputs %d and --max-body %d, want all above 0",
			o.BatchTokens, o.Queue, o.MaxInputs, o.MaxBody)
	case o.QueueTokens < 1 || o.MaxConnections < 1:
		return usagef("serve", "--queue-tokens is %d and --max-connections %d, want both above 0", o.QueueTokens, o.MaxConnections)
	case o.MaxInputs > o.Queue:
		return usagef("serve", "--max-inputs is %d, more than find room in a --queue of %d", o.MaxInputs, o.Queue)
	case o.Bodies != 0 && o.Bodies < o.MaxBody:
		return usagef("serve", "--bodies is %d, want a --max-body of %d at least", o.Bodies, o.MaxBody)
	case o.Timeout <= 0 || o.HeaderTimeout < 0 || o.IdleTimeout <= 0 || o.Deadline <= 0:
		return usagef("serve", "--timeout is %v, --header-timeout %v, --idle-timeout %v and --deadline %v, want times above 0",
			o.Timeout, o.HeaderTimeout, o.IdleTimeout, o.Deadline)
	case o.Grace < 0 || o.Grace >= o.Deadline || f.follow < 0:
		return usagef("serve", "--grace is %v and --follow %v, want times from 0, --grace less than the --deadline of %v", o.Grace, f.follow, o.Deadline)
	case f.shed != "" && f.shed != shedQuality:
		return usagef("serve", "--shed is %q, want %s", f.shed, shedQuality)
	case f.format != "text" && f.format != "json":
		return usagef("serve", "--log-format is %q, want text or json", f.format)
	}
	return nil
}

// serve serves the models until ctx ends.
func (a *app) serve(ctx context.Context, dirs []string, f serveFlags) error {
	if err := f.valid(); err != nil {
		return err
	}
	log := a.serveLog(f)
	f.options.Shed = f.shed == shedQuality
	f.options.Log, f.options.Version = log, programVersion().Version
	if err := f.secure(); err != nil {
		return err
	}
	sources, first, err := f.sources(dirs)
	if err != nil {
		return err
	}
	listener, err := listen(f.addr)
	if err != nil {
		return err
	}
	f.options.Name, f.options.Workers = sources[0].Name, serve.Spare()
	server := serve.New(first[0], f.options)
	for i, m := range first {
		server.Put(sources[i].Name, m)
		if err := server.Warm(m); err != nil {
			server.Close()
			return err
		}
		log.Info("serving", "address", listener.Addr(), "model", sources[i].Name, "labels", m.Config.Labels(), "max_length", m.MaxLength())
	}
	log.Info("bounds", "memory_bytes", boundMemory(server), "connections", f.options.MaxConnections, "texts", f.options.Queue, "tokens", f.options.QueueTokens)
	f.warnIfOpen(listener.Addr())
	return f.serveUntil(ctx, server, sources, listener)
}

// serveUntil follows the models' directories and serves until ctx ends.
func (f *serveFlags) serveUntil(ctx context.Context, server *serve.Server, sources []serve.Source, l net.Listener) error {
	following, stop := context.WithCancel(ctx)
	defer stop()
	for _, from := range sources {
		if f.follow > 0 {
			go server.Follow(following, from, f.follow)
		}
	}
	if err := server.Serve(ctx, l); err != nil {
		return err
	}
	f.options.Log.Info("every request is answered")
	return nil
}

// serveLog is where the server logs to.
func (a *app) serveLog(f serveFlags) *slog.Logger {
	options := &slog.HandlerOptions{Level: f.level}
	if f.format == "json" {
		return slog.New(slog.NewJSONHandler(a.stderr, options))
	}
	return slog.New(slog.NewTextHandler(a.stderr, options))
}

// boundMemory limits memory to what the models take, a quarter more for garbage, and what
// requests can take, unless GOMEMLIMIT says otherwise, and returns the limit. Below it there
// may be four times as much garbage as is in use, unless GOGC says otherwise, for every
// collection takes cores from some answers.
func boundMemory(server *serve.Server) int64 {
	const program = 64 << 20
	runtime.GC()
	var at runtime.MemStats
	runtime.ReadMemStats(&at)
	bound := program + int64(at.HeapAlloc+at.HeapAlloc/4) + server.Memory()
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bound)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	return bound
}

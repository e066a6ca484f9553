package main

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/infer/serve"
)

// serveFlags are the flags of `train serve`.
type serveFlags struct {
	options   serve.Options
	addr      string
	maxLength int
	level     slog.Level
}

// newServe is `train serve`: a model over HTTP.
func newServe(a *app) *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve DIR",
		Short: "Answer HTTP requests with a model's predictions",
		Long: `Serve answers HTTP requests with the predictions of a model:

  POST /predict                  as text-embeddings-inference
  POST /v2/models/NAME/infer     Open Inference Protocol: "text" in, "label" and
                                 "probabilities" out, of a regression "score"; GET /v2, /v2/models/NAME and
                                 /v2/models/NAME/ready, /v2/health/live and /ready
  GET  /health, /metrics         200 or 503; Prometheus

Texts of all requests share batches. A request is refused with 413 if it is too
large, 415 if it is compressed, 429 while too many texts wait, and 503 when the
server is about to end. On Ctrl-C or SIGTERM it answers what it has accepted, and
ends.`,
		Example: `  train serve runs/demo/retrain
  curl localhost:8080/predict -d '{"inputs": "a slow start but a lovely end"}'`,
		Args:              oneArgument("DIR", modelMeaning),
		ValidArgsFunction: completeDir,
	}
	flags := c.Flags()
	flags.StringVar(&f.addr, "addr", ":8080", "address to listen on")
	flags.StringVar(&f.options.Name, "name", "", "of the model under /v2/models (default: that of DIR)")
	flags.IntVar(&f.options.BatchTokens, "batch-tokens", 2048, "tokens that pass together on a core, about")
	flags.IntVar(&f.options.Queue, "queue", 1024, "texts that may wait")
	flags.IntVar(&f.options.MaxInputs, "max-inputs", 32, "texts of a request")
	flags.Int64Var(&f.options.MaxBody, "max-body", 2e6, "bytes of a request")
	flags.DurationVar(&f.options.Timeout, "timeout", 0, "for a request to arrive, and again for its answer (default 30s)")
	flags.IntVar(&f.maxLength, "max-length", 0, "tokens that texts are cut to (default: as the model was trained)")
	flags.TextVar(&f.level, "log", slog.LevelInfo, "least level to log; debug has every request")
	c.RunE = func(c *cobra.Command, args []string) error { return a.serve(c.Context(), args[0], f) }
	return c
}

// check refuses flags that make no sense with any model.
func (f *serveFlags) check() error {
	o := &f.options
	switch {
	case o.BatchTokens < 1 || o.Queue < 1 || o.MaxInputs < 1 || o.MaxBody < 1:
		return usagef("serve", "--batch-tokens is %d, --queue %d, --max-inputs %d and --max-body %d, want all above 0",
			o.BatchTokens, o.Queue, o.MaxInputs, o.MaxBody)
	case o.MaxInputs > o.Queue:
		return usagef("serve", "--max-inputs is %d, more than find room in a --queue of %d", o.MaxInputs, o.Queue)
	case o.Timeout < 0:
		return usagef("serve", "--timeout is %v, want a time above 0", o.Timeout)
	}
	return nil
}

// serve serves the model until ctx ends.
func (a *app) serve(ctx context.Context, dir string, f serveFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	m, err := openModel("serve", dir, f.maxLength)
	if err != nil {
		return err
	}
	if m.Chooses() {
		return usagef("serve", "%s chooses among the options of a question, which a request has no place for; use `train predict`", dir)
	}
	if f.options.Name == "" {
		path, err := filepath.Abs(dir)
		if err != nil {
			return err
		}
		f.options.Name = filepath.Base(path)
	}
	listener, err := net.Listen("tcp", f.addr)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: f.level}))
	f.options.Log, f.options.Version = log, programVersion().Version
	log.Info("serving", "address", listener.Addr(), "model", f.options.Name, "labels", m.Config.Labels(), "max_length", m.MaxLength())
	if err := serve.New(m, f.options).Serve(ctx, listener); err != nil {
		return err
	}
	log.Info("every request is answered")
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"syscall"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/hub"
	"github.com/powerbert/powerbert/pipeline"
)

// tokenizer is that of an experiment, with progress on stderr where it is downloaded.
func (a *app) tokenizer(ctx context.Context, e *configs.Experiment) (tokenizer.Tokenizer, error) {
	defer a.progress.Close()
	h := hub.FromEnv()
	h.Report, h.Log = a.progress.Download, slog.Default()
	return pipeline.Tokenizer(ctx, e, h)
}

// hubState is what `train doctor` shows of the Hugging Face hub. It shows no token.
type hubState struct {
	Endpoint string `json:"endpoint"`
	Cache    string `json:"cache"`
	Offline  bool   `json:"offline"`
	Token    bool   `json:"token"` // one is set
}

// cached is a client that stays offline: what it finds needs no download.
func cached() *hub.Client {
	h := hub.FromEnv()
	h.Offline = true
	return h
}

func (d *diagnosis) hub() {
	h := hub.FromEnv()
	d.Hub = hubState{h.Endpoint, h.Cache, h.Offline, h.Token != ""}
	if err := h.CheckEndpoint(); err != nil {
		d.problem("%v, or unset it", err)
	}
	if s, err := os.Stat(h.Cache); err == nil && !s.IsDir() || errors.Is(err, syscall.ENOTDIR) {
		d.problem("%s: is no folder, want the cache of the hub; make HF_HOME or HF_HUB_CACHE name one", h.Cache)
	} else if err == nil && !h.Offline {
		if err := tryWrite(h.Cache); err != nil {
			d.problem("%s: cannot be written: %v; make HF_HOME or HF_HUB_CACHE name another folder, or set HF_HUB_OFFLINE=1", h.Cache, err)
		}
	}
}

// write shows the state in the table of a diagnosis.
func (s hubState) write(w io.Writer) {
	offline, token := "", "no token"
	if s.Offline {
		offline = ", offline"
	}
	if s.Token {
		token = "a token is set"
	}
	fmt.Fprintf(w, "hub\t%s%s, %s\n", s.Endpoint, offline, token)
	fmt.Fprintf(w, "\tcache %s\n", s.Cache)
}

// awaitsDownload tells whether an error is only that of a model which the first
// run will fetch.
func awaitsDownload(err error) bool {
	return errors.Is(err, hub.ErrNotCached) && !hub.FromEnv().Offline
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/internal/atomicfile"
)

// script is the peers' program.
var script = filepath.Join(folder, "peer_server.py")

// A job is what a process of a peer is told.
type job struct {
	Program     string   `json:"program"`
	File        string   `json:"file"` // in ONNX, float32
	Int8        bool     `json:"int8"`
	Calibration []string `json:"calibration"`
	Tokenizer   string   `json:"tokenizer"`
	MaxLength   int      `json:"max_length"`
	Labels      []string `json:"labels"`
	Threads     int      `json:"threads"`
	Batch       int      `json:"batch"`
}

// start starts a process of a peer, and says its address and versions.
func (j job) start(python string) (p *peer.Process, url, version string, err error) {
	if p, err = peer.Start(script, exec.Command(python, script)); err != nil {
		return nil, "", "", err
	}
	var ready struct{ URL, Version string }
	if err := p.Ask(j, &ready); err != nil {
		return nil, "", "", errors.Join(err, p.Close())
	}
	return p, ready.URL, ready.Version, nil
}

// missing says what is not here and how to get it; nil where all is.
func missing(ctx context.Context, python string) error {
	if !atomicfile.Exists(script) {
		return fmt.Errorf("%s is not here; run this from the root of the repository", folder)
	}
	if os.Getenv(dataVariable) == "" {
		return fmt.Errorf("%s is not set, want a folder with data/glue/SST-2 and tokenizers/bert-base-uncased", dataVariable)
	}
	check := exec.CommandContext(ctx, python, "-c", "import onnxruntime, openvino, nncf, tokenizers, uvicorn, uvloop, httptools, orjson")
	if out, err := check.CombinedOutput(); err != nil {
		return fmt.Errorf("%s does not have what %s wants; %s/README.md says how to make it: %w\n%s", python, script, folder, err, out)
	}
	return nil
}

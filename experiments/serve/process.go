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

// start starts a program in JavaScript of this folder.
func start(script string) (*peer.Process, error) {
	return peer.Start(script, exec.Command("node", filepath.Join(folder, script)))
}

// A Turn is a load on a server.
type Turn struct {
	URL         string `json:"url"`
	Connections int    `json:"connections"`
	Seconds     int    `json:"seconds"`
}

// A TurnResult is how its requests fared.
type TurnResult struct {
	Requests int     `json:"requests"` // that were answered with 200
	Seconds  float64 `json:"seconds"`
	P50      float64 `json:"p50"` // milliseconds
	P99      float64 `json:"p99"`
	Errors   int     `json:"errors"` // of the connection, timeouts and other answers
}

// startLoad starts load.js with a request for each sentence, and says its version.
func startLoad(sentences []string) (load *peer.Process, version string, err error) {
	var bodies []string
	for _, text := range sentences {
		bodies = append(bodies, string(body(text)))
	}
	if load, err = start("load.js"); err != nil {
		return nil, "", err
	}
	var ready struct{ Version string }
	if err := load.Ask(bodies, &ready); err != nil {
		return nil, "", errors.Join(err, load.Close())
	}
	return load, ready.Version, nil
}

// missing says what is not here and how to get it; nil where all is.
func missing(ctx context.Context) error {
	if !atomicfile.Exists(filepath.Join(folder, "main.go")) {
		return fmt.Errorf("%s is not here; run this from the root of the repository", folder)
	}
	if os.Getenv(dataVariable) == "" {
		return fmt.Errorf("%s is not set, want a folder with data/glue/SST-2 and tokenizers/bert-base-uncased", dataVariable)
	}
	check := exec.CommandContext(ctx, "node", "-e", "for (const m of ['autocannon', 'onnxruntime-node', 'tokenizers']) require(m)")
	check.Dir = folder
	if check.Run() != nil {
		return fmt.Errorf("node or a package is not here; apt-get install nodejs npm, then `npm ci --ignore-scripts` in %s", folder)
	}
	return nil
}

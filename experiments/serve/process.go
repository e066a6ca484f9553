package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// A process is a program in JavaScript that answers lines of JSON.
type process struct {
	name    string
	command *exec.Cmd
	to      io.WriteCloser
	from    *json.Decoder
	version string
}

func start(script string) (*process, error) {
	c := exec.Command("node", filepath.Join(folder, script))
	c.Stderr = os.Stderr
	to, errTo := c.StdinPipe()
	from, errFrom := c.StdoutPipe()
	if err := errors.Join(errTo, errFrom); err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	return &process{name: script, command: c, to: to, from: json.NewDecoder(from)}, nil
}

// ask sends one line and waits for the answer.
func (p *process) ask(request, answer any) error {
	err := json.NewEncoder(p.to).Encode(request)
	if err == nil {
		err = p.from.Decode(answer)
	}
	if err != nil {
		err = fmt.Errorf("%s gave no answer to read (%w); its own message is above", p.name, err)
	}
	return err
}

// close lets the program end and waits for it.
func (p *process) close() error {
	p.to.Close()
	if err := p.command.Wait(); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return nil
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

// startLoad starts load.js with a request for each sentence.
func startLoad(sentences []string) (*process, error) {
	var bodies []string
	for _, text := range sentences {
		bodies = append(bodies, string(body(text)))
	}
	p, err := start("load.js")
	if err != nil {
		return nil, err
	}
	var ready struct{ Version string }
	if err := p.ask(bodies, &ready); err != nil {
		return nil, errors.Join(err, p.close())
	}
	p.version = ready.Version
	return p, nil
}

// missing says what is not here and how to get it; nil where all is.
func missing(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(folder, "main.go")); err != nil {
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

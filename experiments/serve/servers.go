package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// A server answers POST at url with what a model says.
type server struct {
	program string // "train serve" or "ONNX Runtime"
	model   string // "BERT" or "PoWER"
	url     string
	version string
	end     func() error
}

// startServers starts a server of each program for each model.
func startServers(ctx context.Context, temporary string, models []served) (servers []*server, err error) {
	program := filepath.Join(temporary, "train")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/train").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build ./cmd/train: %w\n%s", err, out)
	}
	for _, m := range models {
		ours, err := startOurs(ctx, m, program)
		if err != nil {
			return servers, err
		}
		servers = append(servers, ours)
		theirs, err := startONNX(m)
		if err != nil {
			return servers, err
		}
		servers = append(servers, theirs)
	}
	return servers, nil
}

func closeAll(servers []*server) error {
	var errs []error
	for _, s := range servers {
		errs = append(errs, s.end())
	}
	return errors.Join(errs...)
}

// startOurs starts `train serve`.
func startOurs(ctx context.Context, m served, program string) (*server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	version, err := exec.CommandContext(ctx, program, "version").Output()
	if err != nil {
		return nil, err
	}
	c := exec.Command(program, "serve", m.dir, "--addr", address, "--max-length", fmt.Sprint(maxLength), "--log", "warn")
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		return nil, err
	}
	s := &server{program: "train serve", model: m.name, url: "http://" + address + "/predict", version: string(bytes.TrimSpace(version))}
	s.end = func() error { return errors.Join(c.Process.Signal(os.Interrupt), c.Wait()) }
	for range 100 {
		if r, err := http.Get("http://" + address + "/health"); err == nil {
			return s, r.Body.Close()
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil, errors.Join(errors.New("train serve does not answer"), s.end())
}

// freeAddress is one on which nobody listens.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// startONNX starts onnx_server.js.
func startONNX(m served) (*server, error) {
	p, err := start("onnx_server.js")
	if err != nil {
		return nil, err
	}
	job := map[string]any{"model": m.onnx, "tokenizer": filepath.Join(m.dir, "tokenizer.json"), "max_length": maxLength,
		"labels": []string{"negative", "positive"}, "cores": cores(), "batch": 32}
	var ready struct{ URL, Version string }
	if err := p.Ask(job, &ready); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return &server{program: "ONNX Runtime", model: m.name, url: ready.URL, version: ready.Version, end: p.Close}, nil
}

// tolerance is how far the scores of two programs may be apart.
const tolerance = 1e-3

// agree asks all servers about some sentences: those of the same model must say
// the same.
func agree(servers []*server, sentences []string) error {
	for _, text := range sentences[:50] {
		said := map[string]float64{}
		for _, s := range servers {
			score, err := s.score(text)
			if err != nil {
				return err
			}
			if other, ok := said[s.model]; ok && math.Abs(score-other) > tolerance {
				return fmt.Errorf("%s, %s: the score of %q is %g, the other server's %g", s.program, s.model, text, score, other)
			}
			said[s.model] = score
		}
	}
	return nil
}

// score is what a server says of a text being positive.
func (s *server) score(text string) (float64, error) {
	r, err := http.Post(s.url, "application/json", bytes.NewReader(body(text)))
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	answer, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, err
	}
	var scores []struct {
		Score float64
		Label string
	}
	if err := json.Unmarshal(answer, &scores); err != nil || r.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s answers %s: %s", s.program, r.Status, answer)
	}
	for _, l := range scores {
		if l.Label == "positive" {
			return l.Score, nil
		}
	}
	return 0, fmt.Errorf("%s says nothing of the label positive: %s", s.program, answer)
}

// body is a request for one text.
func body(text string) []byte {
	b, _ := json.Marshal(map[string]string{"inputs": text}) // a map of strings always can be
	return b
}

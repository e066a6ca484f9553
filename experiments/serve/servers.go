package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/powerbert/powerbert/experiments/peer"
)

// ours is the program that is measured, beside two peers.
const ours = "train serve"

var programs = []string{ours, "ONNX Runtime", "OpenVINO"}

// The ways in which a peer is run: one process, whose every run has all cores and takes a batch
// of what has come; and a process for each core, among which connections are dealt out, that
// takes one text after the other.
const (
	together = "one process"
	apart    = "a process per core"
)

// A server answers POST at urls, which are asked evenly, with what a model says.
type server struct {
	side
	urls    []string
	version string
	end     func() error
}

// A side is a program with a model.
type side struct {
	Program   string `json:"program"`
	Way       string `json:"way,omitempty"` // of a peer
	Model     string `json:"model"`         // "BERT" or "PoWER"
	Precision string `json:"precision"`
}

// name is the side in words.
func (s side) name() string {
	if s.Way != "" {
		return fmt.Sprintf("%s, %s, %s, %s", s.Program, s.Way, s.Model, s.Precision)
	}
	return fmt.Sprintf("%s, %s, %s", s.Program, s.Model, s.Precision)
}

// startServers starts every program with each model in each precision, peers in each way.
func startServers(ctx context.Context, temporary, python string, models []served, sentences []string) (servers []*server, err error) {
	program := filepath.Join(temporary, "train")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/train").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build ./cmd/train: %w\n%s", err, out)
	}
	for _, m := range models {
		for _, precision := range []string{float32s, int8s} {
			s, err := startOurs(ctx, m, precision, program)
			if err != nil {
				return servers, err
			}
			servers = append(servers, s)
			for _, p := range programs[1:] {
				for _, way := range []string{together, apart} {
					s, err := startPeer(side{p, way, m.name, precision}, m, python, sentences)
					if err != nil {
						return servers, errors.Join(err, ctx.Err())
					}
					servers = append(servers, s)
				}
			}
		}
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
func startOurs(ctx context.Context, m served, precision, program string) (*server, error) {
	address, err := peer.FreeAddress()
	if err != nil {
		return nil, err
	}
	version, err := exec.CommandContext(ctx, program, "version").Output()
	if err != nil {
		return nil, err
	}
	dir := m.dir
	if precision == int8s {
		dir = m.int8
	}
	c := exec.Command(program, "serve", dir, "--addr", address, "--max-length", fmt.Sprint(maxLength), "--log", "warn")
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		return nil, err
	}
	s := &server{side: side{Program: ours, Model: m.name, Precision: precision}, urls: []string{"http://" + address + "/predict"}, version: string(bytes.TrimSpace(version))}
	s.end = func() error { return errors.Join(c.Process.Signal(os.Interrupt), c.Wait()) }
	for range 100 {
		if r, err := http.Get("http://" + address + "/health"); err == nil {
			return s, r.Body.Close()
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil, errors.Join(errors.New("train serve does not answer"), s.end())
}

// calibrated is how many sentences the int8 of a peer is fitted to.
const calibrated = 200

// startPeer starts the processes of a peer.
func startPeer(of side, m served, python string, sentences []string) (s *server, err error) {
	j := job{Program: of.Program, File: m.onnx, Int8: of.Precision == int8s, Calibration: sentences[:min(calibrated, len(sentences))],
		Tokenizer: filepath.Join(m.dir, "tokenizer.json"), MaxLength: maxLength, Labels: []string{"negative", "positive"}, Threads: cores(), Batch: 32}
	processes := 1
	if of.Way == apart {
		processes, j.Threads, j.Batch = cores(), 1, 1
	}
	var running []*peer.Process
	s = &server{side: of, end: func() (err error) {
		for _, p := range running {
			err = errors.Join(err, p.Close())
		}
		return err
	}}
	for range processes {
		p, url, version, err := j.start(python)
		if err != nil {
			return nil, errors.Join(err, s.end())
		}
		running, s.urls, s.version = append(running, p), append(s.urls, url), version
	}
	return s, nil
}

// How far the scores of servers of the same model may be apart: of one of float32 from the first
// server's, and of one of int8 in the mean, whose rounding the random weights of these models
// carry far.
const (
	tolerance     = 1e-3
	meanTolerance = 0.1
)

// agree asks all servers about some sentences: those of the same model must say the same.
func agree(servers []*server, sentences []string) error {
	sentences = sentences[:min(50, len(sentences))]
	said := map[string][]float64{} // by model
	for _, s := range servers {
		var apart float64
		for i, text := range sentences {
			score, err := s.score(text)
			if err != nil {
				return err
			}
			if len(said[s.Model]) == i { // the first server's
				said[s.Model] = append(said[s.Model], score)
			}
			off := math.Abs(score - said[s.Model][i])
			if s.Precision == float32s && off > tolerance {
				return fmt.Errorf("%s: the score of %q is %g, the first server's %g", s.name(), text, score, said[s.Model][i])
			}
			apart += off / float64(len(sentences))
		}
		if apart > meanTolerance {
			return fmt.Errorf("%s: scores are %.2g from those of float32 in the mean, want at most %g", s.name(), apart, meanTolerance)
		}
	}
	return nil
}

// score is what a server says of a text being positive.
func (s *server) score(text string) (float64, error) {
	r, err := http.Post(s.urls[len(s.urls)-1], "application/json", bytes.NewReader(body(text)))
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
		return 0, fmt.Errorf("%s answers %s: %s", s.name(), r.Status, answer)
	}
	for _, l := range scores {
		if l.Label == "positive" {
			return l.Score, nil
		}
	}
	return 0, fmt.Errorf("%s says nothing of the label positive: %s", s.name(), answer)
}

// body is a request for one text.
func body(text string) []byte {
	b, _ := json.Marshal(map[string]string{"inputs": text}) // a map of strings always can be
	return b
}

package peer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
)

// A Process is a program that answers lines of JSON. What it has to say besides goes
// to stderr.
type Process struct {
	name    string
	command *exec.Cmd
	to      io.WriteCloser
	from    *json.Decoder
}

// Start starts a program; errors call it by the name.
func Start(name string, c *exec.Cmd) (*Process, error) {
	c.Stderr = os.Stderr
	to, errTo := c.StdinPipe()
	from, errFrom := c.StdoutPipe()
	if err := errors.Join(errTo, errFrom); err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &Process{name: name, command: c, to: to, from: json.NewDecoder(from)}, nil
}

// Ask sends one line and waits for the answer.
func (p *Process) Ask(request, answer any) error {
	err := json.NewEncoder(p.to).Encode(request)
	if err == nil {
		err = p.from.Decode(answer)
	}
	if err != nil {
		err = fmt.Errorf("%s gave no answer to read (%w); its own message is above", p.name, err)
	}
	return err
}

// PID is the process's number.
func (p *Process) PID() int { return p.command.Process.Pid }

// Close lets the program end and waits for it.
func (p *Process) Close() error {
	p.to.Close()
	if err := p.command.Wait(); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return nil
}

// Python starts a program of experiments, from the root of the repository, with variables
// of the environment besides.
func Python(ctx context.Context, interpreter, program string, env ...string) (*Process, error) {
	c := exec.CommandContext(ctx, interpreter, "-W", "ignore", filepath.FromSlash(program))
	c.Env = append(os.Environ(), env...)
	return Start(filepath.Base(program), c)
}

// Runtimes is the program that runs ONNX files in ONNX Runtime and OpenVINO, and fastText.
const Runtimes = "experiments/peer/runtimes.py"

// A Load asks a program to prepare a side, which it calls by the name.
type Load struct {
	Do        string `json:"do"` // DoLoad
	Name      string `json:"name"`
	Side      string `json:"side"`      // "onnxruntime", "openvino" or "fasttext" of Runtimes
	Precision string `json:"precision"` // "", "int8"; of OpenVINO "f32", "bf16", "int8 f32" or "int8 bf16", the last word for what is not int8
	File      string `json:"file"`
	Cores     int    `json:"cores"`
	Task      string `json:"task,omitempty"` // file of a Task, whose texts are what is run
	One       bool   `json:"one"`            // text by text
}

// A Turn asks a program to run a side.
type Turn struct {
	Do   string `json:"do"` // DoRun
	Name string `json:"name"`
	Runs int    `json:"runs"`
}

// What a program is asked to do.
const (
	DoLoad   = "load"
	DoRun    = "run"
	DoForget = "forget" // all sides
)

// An Answer is what a program says of a side that it has prepared, or of its turn.
type Answer struct {
	Version string      `json:"version,omitempty"`
	Way     string      `json:"way,omitempty"`   // in which the side is fastest
	Bytes   int64       `json:"bytes,omitempty"` // of its weights' files
	Seconds float64     `json:"seconds"`         // of one run, the mean of the turn
	Logits  [][]float32 `json:"logits"`          // of the last run
	Error   string      `json:"error,omitempty"`
}

// A Refusal is what a program says that cannot do what it is asked; it goes on.
type Refusal struct{ What string }

// Error is what it says.
func (r *Refusal) Error() string { return r.What }

// Tell asks a program that answers by an Answer. It reports a Refusal where that says an
// error.
func (p *Process) Tell(request any) (Answer, error) {
	var a Answer
	if err := p.Ask(request, &a); err != nil {
		return a, err
	}
	if a.Error != "" {
		return a, &Refusal{a.Error}
	}
	return a, nil
}

// FreeAddress is one of this machine at which nobody listens.
func FreeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

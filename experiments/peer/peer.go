// Package peer is what the programs have in common that measure powerbert beside
// others: how they start and end, the processes that they take turns with, and the
// files that they write.
package peer

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/powerbert/powerbert/internal/atomicfile"
)

// Main runs the program of a name on its arguments until Ctrl-C, and ends it. What is
// interrupted has written nothing, unless its error says what.
func Main(name string, run func(ctx context.Context, args []string) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	} else if ctx.Err() != nil {
		if err == nil || errors.Is(err, context.Canceled) {
			err = errors.New("interrupted, nothing was written")
		}
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(130)
	} else if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// Commit is the one at hand, as git describes it.
func Commit(ctx context.Context) string {
	commit, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--abbrev=12").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(commit))
}

// WriteResults writes results.json and results.md into a folder, which it makes if
// need be.
func WriteResults(folder string, json []byte, markdown string) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	return errors.Join(atomicfile.Write(filepath.Join(folder, "results.json"), json),
		atomicfile.Write(filepath.Join(folder, "results.md"), []byte(markdown)))
}

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

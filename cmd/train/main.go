// Command train takes a BERT through the three stages of PoWER-BERT: it
// fine-tunes, searches a retention configuration and retrains with it.
//
// The rules of its output: results go to stdout, logs and progress to stderr,
// --json makes stdout machine-readable; an error is one line per problem, says
// what to do, and comes with an exit code that tells its kind.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/hub"
	"github.com/powerbert/powerbert/infer/shares"
	"github.com/powerbert/powerbert/internal/paths"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// The exit codes, as `train help` lists them.
const (
	exitDone        = 0
	exitRuntime     = 1
	exitUsage       = 2
	exitConfig      = 3
	exitData        = 4
	exitInterrupted = 130
)

func main() {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		signals = append(signals, syscall.SIGHUP) // the terminal is gone
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, func() {
		stop() // the next signal ends the program at once
		fmt.Fprintln(os.Stderr, "\ntrain: interrupted, stopping; once more to stop at once and lose what is not yet saved or answered")
	})
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program: it carries out one command line and returns the exit code.
// When ctx ends, a running stage saves and stops.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	a := &app{stdout: stdout, stderr: stderr}
	var logs io.Writer
	a.progress, logs = newReporter(stderr)
	slog.SetDefault(newLogger(logs)) // for code that is given no other
	defer func() { a.leave(code) }()
	root := newRoot(a)
	root.SetArgs(tildes(args))
	command, err := root.ExecuteContextC(ctx)
	a.progress.Close()
	if err == nil {
		return exitDone
	}
	if errors.Is(err, context.Canceled) && !errors.Is(err, pipeline.ErrInterrupted) {
		err = pipeline.ErrInterrupted // said once, however many workers have seen it
	}
	if !a.running {
		err = &usageError{command.CommandPath(), plainValue(err)}
	}
	for line := range strings.Lines(err.Error()) {
		if strings.TrimSpace(line) != "" {
			fmt.Fprintln(stderr, "train:", strings.TrimRight(line, "\n"))
		}
	}
	return exitCode(err)
}

// tildes replaces the ~ that begins a path by the user's home, also in
// --data=~/reviews.csv, where no shell does.
func tildes(args []string) []string {
	all := slices.Clone(args)
	for i, arg := range args {
		flag, value, ok := strings.Cut(arg, "=")
		switch {
		case ok && strings.HasPrefix(flag, "-") && isTilde(value):
			all[i] = flag + "=" + paths.Tilde(value)
		case isTilde(arg):
			all[i] = paths.Tilde(arg)
		}
	}
	return all
}

func isTilde(path string) bool { return path == "~" || strings.HasPrefix(path, "~/") }

// A usageError is a command line that makes no sense.
type usageError struct {
	command string
	err     error
}

func (e *usageError) Error() string {
	return fmt.Sprintf("%v\nsee `%s --help`", e.err, e.command)
}

// usagef says what is wrong with the flags of a command.
func usagef(command, format string, args ...any) error {
	return &usageError{"train " + command, fmt.Errorf(format, args...)}
}

// plainValue says what a flag wants whose value cannot be read; any other error it returns
// as it is.
func plainValue(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	want := map[string]string{"float64": "a number", "int": "a whole number", "duration": "a time with its unit, as 5ms or 2s",
		"bool": "true or false", "share": "a share, more than 0 and 1 at most"}[invalid.GetFlag().Value.Type()]
	if want == "" {
		return err
	}
	return fmt.Errorf("--%s is %q, want %s", invalid.GetFlag().Name, invalid.GetValue(), want)
}

// exitCode tells the kind of an error.
func exitCode(err error) int {
	var (
		usage  *usageError
		config *configs.Error
		state  *rundir.StateError
		parts  *shares.StateError
		file   *data.Error
		left   *rundir.FileError
		vocab  *tokenizer.Error
		weight *model.Error
		remote *hub.Error
	)
	switch {
	case errors.Is(err, pipeline.ErrInterrupted):
		return exitInterrupted
	case errors.As(err, &usage), errors.As(err, &state), errors.As(err, &parts):
		return exitUsage
	case errors.As(err, &config):
		return exitConfig
	case errors.As(err, &file), errors.As(err, &left), errors.As(err, &vocab), errors.As(err, &weight), errors.As(err, &remote):
		return exitData
	}
	return exitRuntime
}

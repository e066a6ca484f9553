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

// Runs are the arguments of a program of a name that records what became of runs: want says
// which. It reports flag.ErrHelp, having said what is wrong with a flag.
func Runs(name, want string, args []string) (folder string, dirs []string, err error) {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.StringVar(&folder, "out", "experiments/"+name, "write results.json and results.md into this `folder`")
	if err := flags.Parse(args); err != nil {
		return "", nil, flag.ErrHelp
	}
	if flags.NArg() == 0 {
		return "", nil, fmt.Errorf("names no run; want the directories of runs with %s", want)
	}
	return folder, flags.Args(), nil
}

// WriteRecord is WriteResults of a record that becomes indented JSON.
func WriteRecord(folder string, record any, markdown string) error {
	content, err := json.MarshalIndent(record, "", "\t")
	if err != nil {
		return err
	}
	return WriteResults(folder, append(content, '\n'), markdown)
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

// Strain puts `train serve` under loads that are meant to break it: large bodies, long
// batches, restarts, and faults for as long as one likes. It prints what becomes of short
// texts beside them, and how many requests were lost, and records it once all cases have
// run. README.md in the folder above says how to run it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/machine"
)

func main() {
	peer.Main("strain", func(ctx context.Context, args []string) error { return run(ctx, args, os.Stdout) })
}

// A strain is how hard the cases are.
type strain struct {
	program  string // train
	dir      string // of the model
	log      string // file that servers log to
	time     time.Duration
	restarts int
	large    int  // clients that post large bodies
	clock    bool // the clock of the machine may be set
	out      io.Writer
}

// cases are what can be asked for.
var cases = map[string]func(*strain, context.Context) error{
	"large": (*strain).largeBodies, "long": (*strain).longBatches, "restarts": (*strain).restart, "soak": (*strain).soaked,
}

// run is the program but for its exit.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("strain", flag.ContinueOnError)
	seconds := flags.Float64("seconds", 10, "of each measurement")
	restarts := flags.Int("restarts", 100, "of the server under load, with a socket that is kept and without")
	large := flags.Int("large", 300, "clients that post 1.8 MB each")
	folder := flags.String("out", "experiments/serve", "write what is printed into a file of this `folder`, too, which is called as the cases")
	which := flags.String("cases", "large,long,restarts", "to run; soak is the fourth")
	clock := flags.Bool("clock", false, "set the clock of this machine an hour ahead and back in the soak, which takes root")
	ask := flags.String("ask", "", "only be the client of short texts of the server at this `address`, and tell how it went as JSON")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp // flags has said what is wrong
	}
	names := strings.Split(*which, ",")
	for _, name := range names {
		if cases[name] == nil {
			return fmt.Errorf("-cases has %q, want some of large, long, restarts and soak", name)
		}
	}
	if *ask != "" {
		return askShort(ctx, *ask, time.Duration(*seconds*float64(time.Second)), out)
	}
	if !atomicfile.Exists(*folder) {
		return fmt.Errorf("%s is not here; run this from the root of the repository, or say -out", *folder)
	}
	temporary, err := os.MkdirTemp("", "strain")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	var said strings.Builder
	s := &strain{program: filepath.Join(temporary, "train"), dir: filepath.Join(temporary, "model"), log: filepath.Join(temporary, "log"),
		time: time.Duration(*seconds * float64(time.Second)), restarts: *restarts, large: *large, clock: *clock, out: io.MultiWriter(out, &said)}
	if err := errors.Join(s.runAll(ctx, names), ctx.Err()); err != nil {
		return err
	}
	return recorded(*folder, names, args, said.String())
}

// recorded writes what was said of the cases into a file of their names.
func recorded(folder string, names, args []string, said string) error {
	text := fmt.Sprintf("    go run ./experiments/serve/strain %s\n\n```\n%s```\n", strings.Join(args, " "), said)
	return atomicfile.Write(filepath.Join(folder, "strain-"+strings.Join(names, "-")+".md"), []byte(text))
}

// runAll prepares and runs the cases.
func (s *strain) runAll(ctx context.Context, names []string) error {
	if err := s.prepare(ctx); err != nil {
		return err
	}
	for _, name := range names {
		if err := cases[name](s, ctx); err != nil {
			return fmt.Errorf("%s: %w\n%s", name, err, s.lastLog())
		}
	}
	return nil
}

// prepare builds the program and the model, and says what this is measured on.
func (s *strain) prepare(ctx context.Context) error {
	for _, p := range []string{"cmd/train", "experiments/serve/strain"} {
		build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Dir(s.program)+"/", "github.com/powerbert/powerbert/"+p)
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("go build ./%s: %w\n%s", p, err, out)
		}
	}
	if err := makeModel(s.dir); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s, commit %s, %s; other processes kept %.1f cores busy before\n",
		machine.CPU(), peer.Commit(ctx), time.Now().UTC().Format("2006-01-02 15:04 MST"), machine.BusyCores(time.Second))
	if _, err := exec.LookPath("taskset"); err == nil {
		self := exec.CommandContext(ctx, "taskset", "-acp", "1", fmt.Sprint(os.Getpid()))
		fmt.Fprintln(s.out, "server and clients on a core each:", self.Run() == nil)
	}
	return nil
}

// lastLog is the end of what the server logged.
func (s *strain) lastLog() string {
	text, _ := os.ReadFile(s.log) // none says nothing
	lines := slices.Collect(strings.Lines(string(text)))
	return strings.Join(lines[max(len(lines)-10, 0):], "")
}

// Mutants asks whether tests notice. It draws small changes of the code by a seed, one at a
// time, runs the tests that should see them, and lists those that nobody noticed:
//
//	go run ./internal/mutants -n 200 -seed 1 ./internal/ops ./optim ./loss ./pipeline/train ./model ./infer
//
// A change is laid over the file as it is compiled (go test -overlay), so the working tree
// stays as it is. Its judges are the tests of its own package and then those of the named
// packages that import it, until one fails. Outcomes are appended to the file of -out,
// which a later run with the same arguments goes on from.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// An outcome is what became of one change.
type outcome struct {
	Mutant  string `json:"mutant"`       // file:line:column: what was changed to what
	Fate    string `json:"fate"`         // killed, survived, or stillborn: it does not compile
	By      string `json:"by,omitempty"` // the package whose tests failed
	Seconds int    `json:"seconds"`
}

// The fates of a mutant.
const (
	killed    = "killed"
	survived  = "survived"
	stillborn = "stillborn"
)

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	n := flags.Int("n", 200, "changes to draw")
	seed := flags.Uint64("seed", 1, "of the draw")
	at := flags.Int("parallel", 2, "changes to try at a time")
	limit := flags.Duration("timeout", 5*time.Minute, "for the tests of one package: a change that makes them hang is killed")
	out := flags.String("out", "mutants.jsonl", "file of the outcomes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	packages, err := load(ctx, flags.Args())
	if err != nil {
		return err
	}
	var all []mutant
	for _, p := range packages {
		found, err := p.mutants()
		if err != nil {
			return err
		}
		all = append(all, found...)
	}
	rand.New(rand.NewPCG(*seed, 0)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	drawn := all[:min(*n, len(all))]
	fmt.Printf("seed %d: %d of %d changes in %d packages\n", *seed, len(drawn), len(all), len(packages))
	known, err := read(*out)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(*out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	outcomes := judgeAll(ctx, drawn, packages, known, *at, *limit, func(o outcome) error { return json.NewEncoder(file).Encode(o) })
	report(outcomes)
	return ctx.Err()
}

// read is the outcomes that an earlier run wrote, by mutant.
func read(path string) (map[string]outcome, error) {
	known := map[string]outcome{}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return known, nil
	}
	for line := range strings.Lines(string(text)) {
		var o outcome
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		known[o.Mutant] = o
	}
	return known, err
}

// judgeAll tries the drawn changes, some at a time, and hands each new outcome to keep.
func judgeAll(ctx context.Context, drawn []mutant, packages []*pkg, known map[string]outcome, at int, limit time.Duration, keep func(outcome) error) []outcome {
	outcomes := make([]outcome, len(drawn))
	var mutex sync.Mutex
	var wait sync.WaitGroup
	slots := make(chan struct{}, at)
	for i, m := range drawn {
		if o, ok := known[m.String()]; ok {
			outcomes[i] = o
			continue
		}
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			if ctx.Err() != nil {
				return
			}
			o, err := judge(ctx, m, packages, limit)
			if err != nil && ctx.Err() == nil {
				fmt.Fprintln(os.Stderr, "mutants:", err)
			}
			if err != nil {
				return
			}
			mutex.Lock()
			defer mutex.Unlock()
			outcomes[i] = o
			fmt.Printf("%-9s %3ds %-16s %s\n", o.Fate, o.Seconds, o.By, o.Mutant)
			if err := keep(o); err != nil {
				fmt.Fprintln(os.Stderr, "mutants:", err)
			}
		})
	}
	wait.Wait()
	return slices.DeleteFunc(outcomes, func(o outcome) bool { return o.Fate == "" })
}

// judge runs the tests that should notice a change, until one does.
func judge(ctx context.Context, m mutant, packages []*pkg, limit time.Duration) (o outcome, err error) {
	start := time.Now()
	defer func() { o.Seconds = int(time.Since(start).Seconds()) }()
	o.Mutant = m.String()
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return o, err
	}
	defer os.RemoveAll(dir)
	overlay, err := m.overlay(dir)
	if err != nil {
		return o, err
	}
	judges := []*pkg{m.in}
	for _, p := range packages {
		if p != m.in && slices.Contains(p.Deps, m.in.ImportPath) {
			judges = append(judges, p)
		}
	}
	for i, p := range judges {
		if i == 0 {
			if exec.CommandContext(ctx, "go", "build", "-overlay", overlay, p.ImportPath).Run() != nil && ctx.Err() == nil {
				o.Fate = stillborn
				return o, nil
			}
		}
		test := exec.CommandContext(ctx, "go", "test", "-count=1", "-failfast", "-short", "-timeout", limit.String(), "-overlay", overlay, p.ImportPath)
		if test.Run() != nil {
			o.Fate, o.By = killed, filepath.Base(p.Dir)
			return o, ctx.Err()
		}
	}
	o.Fate = survived
	return o, ctx.Err()
}

// report sums the outcomes up.
func report(outcomes []outcome) {
	count := map[string]int{}
	for _, o := range outcomes {
		count[o.Fate]++
	}
	living := count[killed] + count[survived]
	fmt.Printf("\n%d changes that compile, %d killed (%.1f %%), %d survived; %d do not compile\n",
		living, count[killed], 100*float64(count[killed])/float64(max(living, 1)), count[survived], count[stillborn])
	for _, o := range outcomes {
		if o.Fate == survived {
			fmt.Println("survived", o.Mutant)
		}
	}
}

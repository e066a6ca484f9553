// Mutants asks whether tests notice. It draws small changes of the code by a seed, one at a
// time, runs the tests that should see them, and lists those that nobody noticed:
//
//	go run ./internal/mutants -n 200 -seed 1 ./internal/ops ./optim ./loss ./pipeline/train ./model ./infer
//
// A change is laid over the file as it is compiled (go test -overlay), so the working tree
// stays as it is. Its judges are the short tests of its own package and then those of the
// named packages that import it, until one fails; with -judges all the whole tests of every
// package of the module that imports it come last. Tests that fail without any change are
// said before. Outcomes are appended to the file of -out, which a later run with the same
// arguments goes on from. -again judges anew what survived in such a file:
//
//	go run ./internal/mutants -again mutants.jsonl -out again.jsonl -judges all ./internal/ops …
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
	"os/signal"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/powerbert/powerbert/internal/atomicfile"
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
	again := flags.String("again", "", "file of outcomes: judge the changes that survived in it, instead of a draw")
	at := flags.Int("parallel", 2, "changes to try at a time")
	judges := flags.String("judges", "short", "short: short tests of the named packages; all: and then whole tests of all packages")
	limit := flags.Duration("timeout", 5*time.Minute, "for the tests of one package: a change that makes them hang is killed")
	out := flags.String("out", "mutants.jsonl", "file of the outcomes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *again == *out {
		return fmt.Errorf("-again and -out are both %s, want two files", *out)
	}
	packages, err := load(ctx, flags.Args())
	if err != nil {
		return err
	}
	c := court{named: packages, limit: *limit}
	if c.whole, err = wholeCourt(ctx, *judges); err != nil {
		return err
	}
	all, err := mutantsOf(packages)
	if err != nil {
		return err
	}
	drawn, from := draw(all, *n, *seed), fmt.Sprint("seed ", *seed)
	if *again != "" {
		if drawn, err = survivors(all, *again); err != nil {
			return err
		}
		from = *again
	}
	fmt.Printf("%s: %d of %d changes in %d packages\n", from, len(drawn), len(all), len(packages))
	return try(ctx, c, drawn, *out, *at)
}

// try judges changes, some at a time, keeps the outcomes in a file and reports them.
func try(ctx context.Context, c court, drawn []mutant, out string, at int) error {
	if err := c.sound(ctx, drawn); err != nil {
		return err
	}
	known, err := read(out)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	outcomes := judgeAll(ctx, drawn, c, known, at, func(o outcome) error { return json.NewEncoder(file).Encode(o) })
	report(outcomes)
	return ctx.Err()
}

// mutantsOf are all changes of the packages.
func mutantsOf(packages []*pkg) (all []mutant, err error) {
	for _, p := range packages {
		found, err := p.mutants()
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// draw is n changes of all, by a seed.
func draw(all []mutant, n int, seed uint64) []mutant {
	drawn := slices.Clone(all)
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(drawn), func(i, j int) { drawn[i], drawn[j] = drawn[j], drawn[i] })
	return drawn[:min(n, len(drawn))]
}

// survivors are the changes that survived in a file of outcomes. Those whose line has
// moved or gone since are said.
func survivors(all []mutant, path string) (list []mutant, err error) {
	if !atomicfile.Exists(path) {
		return nil, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	}
	known, err := read(path)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if known[m.String()].Fate == survived {
			list = append(list, m)
		}
		delete(known, m.String())
	}
	for name, o := range known {
		if o.Fate == survived {
			fmt.Println("no longer there:", name)
		}
	}
	return list, nil
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
func judgeAll(ctx context.Context, drawn []mutant, c court, known map[string]outcome, at int, keep func(outcome) error) []outcome {
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
			o, err := c.judge(ctx, m)
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

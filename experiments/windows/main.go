// Windows holds models that read long documents in windows against models that cut them:
// windows in use alone or in training, too, of dense encoders and of encoders that
// eliminate word-vectors. README.md says how to run it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/powerbert/powerbert/experiments/peer"
)

func main() { peer.Main("windows", run) }

// folder is where the experiment and the records lie.
const folder = "experiments/windows"

// logger tells what is being trained.
var logger = slog.New(slog.NewTextHandler(os.Stderr, nil))

// run is the program but for its exit.
func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("windows", flag.ContinueOnError)
	seeds := flags.String("seeds", "1", "train with these, comma-separated")
	learn := flags.Int("train", 320, "reviews to learn from")
	read := flags.Int("read", 300, "reviews of more than 512 word-pieces to read, at most")
	timed := flags.Int("timed", 12, "of them that are timed, with the first seed's models")
	rounds := flags.Int("rounds", 5, "in which the models that are timed take turns")
	out := flags.String("out", "runs/windows", "train in this `folder`")
	table := flags.String("table", folder, "write results.json and results.md into this `folder`")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp // flags has said what is wrong
	}
	reviews, err := prepare(*out, *learn, *read)
	if err != nil {
		return err
	}
	record := &Record{Reviews: *reviews}
	for i, seed := range strings.Split(*seeds, ",") {
		t := &trial{file: filepath.Join(folder, "windows.yaml"), out: *out}
		if _, err := fmt.Sscan(seed, &t.seed); err != nil {
			return fmt.Errorf("-seeds: %q is no number", seed)
		}
		write := func() error {
			record.put(t)
			return record.write(ctx, *table)
		}
		if err := t.train(ctx, write); err != nil {
			return err
		}
		if i > 0 {
			continue
		}
		if err := errors.Join(t.time(ctx, *timed, *rounds), write()); err != nil {
			return err
		}
	}
	return nil
}

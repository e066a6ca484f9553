// Windows holds models that read long documents in windows against models that cut them:
// windows in use alone or in training, too, of dense encoders and of encoders that
// eliminate word-vectors. README.md says how to run it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/internal/machine"
)

func main() { peer.Main("windows", run) }

// folder is where the experiment and the records lie.
const folder = "experiments/windows"

// file is the experiment.
var file = filepath.Join(folder, "windows.yaml")

// logger tells what is being trained.
var logger = slog.New(slog.NewTextHandler(os.Stderr, nil))

// run is the program but for its exit.
func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("windows", flag.ContinueOnError)
	seeds := flags.String("seeds", "1", "train with these, comma-separated")
	learn := flags.Int("train", 320, "reviews to learn from")
	read := flags.Int("read", 300, "reviews of more than 512 word-pieces to read, at most")
	times := flags.Bool("times", false, "train nothing, and time the first seed's models, which results.json has")
	timed := flags.Int("timed", 12, "reviews that are timed")
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
	if *times {
		return retime(ctx, *table, &trial{file: file, out: *out}, *timed, *rounds)
	}
	record, err := begin(ctx, *table, reviews)
	if err != nil {
		return err
	}
	for seed := range strings.SplitSeq(*seeds, ",") {
		t := &trial{file: file, out: *out, known: slices.Clone(record.Rows)}
		if _, err := fmt.Sscan(seed, &t.seed); err != nil {
			return fmt.Errorf("-seeds: %q is no number", seed)
		}
		write := func() error {
			record.put(t)
			return record.write(*table)
		}
		if err := t.train(ctx, write); err != nil {
			return err
		}
	}
	return nil
}

// begin goes on with the record of a folder, if it is of the same reviews.
func begin(ctx context.Context, table string, reviews *Reviews) (*Record, error) {
	r, err := readRecord(table)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil || r.Reviews != *reviews {
		r = &Record{Reviews: *reviews}
	}
	r.Commit, r.Machine = peer.Commit(ctx), report.Processor()
	return r, nil
}

// retime times the first seed's models of a record and writes it again.
func retime(ctx context.Context, table string, t *trial, texts, rounds int) error {
	record, err := readRecord(table)
	if err != nil {
		return err
	}
	t.seed = record.Rows[0].Seed
	e, err := t.experiment(record.Rows[0].Length, record.Rows[0].Learned)
	if err != nil {
		return err
	}
	if t.texts, err = t.load(e); err != nil {
		return err
	}
	for _, r := range record.Rows {
		if r.Seed == t.seed {
			t.rows = append(t.rows, r)
		}
	}
	record.Times = &Times{Commit: peer.Commit(ctx), Machine: report.Processor(), Busy: machine.BusyCores(time.Second), Texts: texts, Rounds: rounds}
	if err := t.time(ctx, texts, rounds); err != nil {
		return err
	}
	return record.write(table)
}

// Saving retrains everything that can be had at a price from one stage 1, whole and with
// the same training: the searched list, the list by a rule, students with and without
// elimination, beside a dense encoder that is trained as long. README.md says how to run it.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

func main() { peer.Main("saving", run) }

// folder is where the experiments and the records lie.
const folder = "experiments/saving"

// run is the program but for its exit.
func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("saving", flag.ContinueOnError)
	seeds := flags.String("seeds", "1", "train with these, comma-separated")
	targets := flags.String("targets", "0.5,0.33,0.2", "prices, in dense BERT's multiply-adds")
	out := flags.String("out", "runs/saving", "train in this `folder`")
	keep := flags.Bool("keep", false, "keep the weights of all rows, some 90 MB each")
	table := flags.String("table", folder, "write results.json and results.md into this `folder`")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp // flags has said what is wrong
	}
	prices, err := numbers(*targets)
	if err != nil {
		return fmt.Errorf("-targets: %w", err)
	}
	if err := prepare(*out); err != nil {
		return err
	}
	var record Record
	if err := rundir.ReadJSONIfThere(filepath.Join(*table, "results.json"), &record); err != nil {
		return err
	}
	for seed := range strings.SplitSeq(*seeds, ",") {
		for _, file := range flags.Args() {
			t, err := newTrial(file, seed, *out)
			if err != nil {
				return err
			}
			t.keeps = *keep
			trained := t.train(ctx, prices)
			if len(t.Rows) > 0 {
				record.put(&t.Task)
				trained = cmp.Or(record.write(ctx, *table), trained)
			}
			if errors.Is(trained, context.Canceled) {
				return fmt.Errorf("interrupted; the rows that are made are in %s", *table)
			}
			if trained != nil {
				return trained
			}
		}
	}
	return nil
}

// numbers reads some between commas.
func numbers(list string) (values []float64, err error) {
	for word := range strings.SplitSeq(list, ",") {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no number", word)
		}
		values = append(values, v)
	}
	return values, nil
}

// logger tells what is being trained.
var logger = slog.New(slog.NewTextHandler(os.Stderr, nil))

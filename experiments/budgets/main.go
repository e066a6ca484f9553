// Budgets holds models that serve several budgets against models that were retrained for one
// each, from the same stage 1: what both score on the dev set at each budget, the difference
// over budgets, seeds and tasks, and what their training took. README.md says how the runs
// are made.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/internal/machine"
)

func main() { peer.Main("budgets", run) }

// run is the program but for its exit.
func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("budgets", flag.ContinueOnError)
	out := flags.String("out", "experiments/budgets", "write results.json and results.md into this `folder`")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp // flags has said what is wrong
	}
	if flags.NArg() == 0 {
		return errors.New("names no run; want the directories of runs with retrain.budgets, of several budgets and of each alone")
	}
	list, err := pairs(flags.Args())
	if err != nil {
		return err
	}
	r := Record{Machine: machine.CPU(), Commit: peer.Commit(ctx)}
	for _, p := range list {
		if err := r.add(ctx, p); err != nil {
			return err
		}
	}
	if err := r.sum(); err != nil {
		return err
	}
	content, err := json.MarshalIndent(&r, "", "\t")
	if err != nil {
		return err
	}
	return peer.WriteResults(*out, append(content, '\n'), r.markdown())
}

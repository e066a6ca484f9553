// Budgets holds models that serve several budgets against models that were retrained for one
// each, from the same stage 1: what both score on the dev set at each budget, the difference
// over budgets, seeds and tasks, and what their training took. README.md says how the runs
// are made.
package main

import (
	"context"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/internal/machine"
)

func main() { peer.Main("budgets", run) }

// run is the program but for its exit.
func run(ctx context.Context, args []string) error {
	out, dirs, err := peer.Runs("budgets", "retrain.budgets, of several budgets and of each alone", args)
	if err != nil {
		return err
	}
	list, err := pairs(dirs)
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
	return peer.WriteRecord(out, &r, r.markdown())
}

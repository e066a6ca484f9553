// Factors holds runs that differ by one key against the run that has none of it, from the same
// stage 1 and at the same price: what both score on the dev set and on the rows that no stage
// learned, the difference over seeds, and over tasks. README.md says how the runs are made.
package main

import (
	"context"

	"github.com/powerbert/powerbert/experiments/peer"
	"github.com/powerbert/powerbert/internal/machine"
)

func main() { peer.Main("factors", run) }

// run is the program but for its exit.
func run(ctx context.Context, args []string) error {
	out, dirs, err := peer.Runs("factors", "names as TASK-SEED-CANDIDATE and TASK-SEED-CANDIDATE-FACTOR", args)
	if err != nil {
		return err
	}
	list, err := trials(dirs)
	if err != nil {
		return err
	}
	r := Record{Machine: machine.CPU(), Commit: peer.Commit(ctx)}
	for _, t := range list {
		if err := r.add(ctx, t); err != nil {
			return err
		}
	}
	if err := r.sum(); err != nil {
		return err
	}
	return peer.WriteRecord(out, &r, r.markdown())
}

package main

import "github.com/spf13/cobra"

// newRetrain is `train retrain`: stage 3.
func newRetrain(a *app) *cobra.Command {
	s := forStage(&cobra.Command{
		Use:   "retrain",
		Short: "Stage 3: retrain with the other word-vectors removed",
		Long: `Retrain trains what stage 2 chose, without the word-vectors that are to go, and keeps
the best epoch. OUT/retrain is the smaller-cost model. Give the same goal as to
search: --lambda, --speedup, --target, --latency or --max-drop.

After the paper's search (--lambda) it starts from that search's model. After a
tournament it starts from stage 1's, as all candidates did. For --max-drop it
retrains the winner at up to three prices and keeps the cheapest that loses no more
points than that on the rows that choose; where none does, the best is named and
the exit code is 1. The table is on stdout and in OUT/trials/walk.json.

With retrain.retention the configuration is given: where there is no search,
retraining starts from stage 1's model. retrain.strategy says which word-vectors
are kept, and retrain.student that only some encoders are, or some of their neurons.`,
		Example: `  train retrain demo
  train retrain demo --lambda 3e-3
  train retrain mine.yaml --max-drop 0.5
  train retrain demo --set 'retrain.retention=[40, 20, 10, 1]' --set retrain.strategy=head`,
	})
	s.withGoal()
	s.retrains(a)
	return s.Command
}

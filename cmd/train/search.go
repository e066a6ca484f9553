package main

import "github.com/spf13/cobra"

// newSearch is `train search`: stage 2.
func newSearch(a *app) *cobra.Command {
	s := forStage(&cobra.Command{
		Use:   "search",
		Short: "Stage 2: search how many word-vectors each encoder keeps",
		Long: `Search starts from stage 1. With --lambda it is the paper's search: the retention
weights r train beside the model, and their masses become the retention
configuration, in OUT/search/retention.json. The larger lambda, the fewer
word-vectors are kept.

With --speedup or --target it meets a price. Candidates that cost just that compete:
a geometric list, which needs no search, all encoders with fewer feed-forward neurons
(narrow), and students of fewer encoders; both eliminate where they cost more. With
"learned" among search.candidates the list that the paper's search learned, scaled in
proportion, competes, too. All are retrained for some steps on the same stage 1 and
scored on the rows that data.held_out takes out of training; the better half goes on
for more, until one is left (successive halving). search.candidates names the field.

With --latency 3ms each candidate is made as dear as a batch of
search.latency.batch examples of search.latency.length tokens allows, measured on
this machine.

With --max-drop, the default where CONFIG says neither a goal nor lambda, they compete
at half the price, and retrain then looks for the cheapest that loses no more.

The table is on stdout and in OUT/trials/tournament.json. Interrupted, the same
command goes on with --resume; a retraining that is complete is not run again.`,
		Example: `  train search demo
  train search demo --lambda 3e-3 --overwrite
  train finetune demo --out runs/six               # stage 1, which the next shares
  train search demo --out runs/six --speedup 6     # multiply-adds, neither padded
  train retrain demo --out runs/six --speedup 6`,
	})
	s.withGoal()
	s.searches(a)
	return s.Command
}

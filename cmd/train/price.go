package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/text"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/budget"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/quantize"
)

// withGoal adds the flags that say what is searched for: λ, a price or a quality.
func (s *experimentCommand) withGoal() {
	var speedup, target, drop float64
	var latency time.Duration
	var lambda string
	flags := s.Flags()
	flags.StringVar(&lambda, "lambda", "", "the paper's search with this lambda, and no other goal")
	flags.Float64Var(&speedup, "speedup", 0, "so many times fewer multiply-adds than dense BERT, neither padded: search.target is 1/N")
	flags.Float64Var(&target, "target", 0, "the same as --set search.target=...: a share of dense BERT's multiply-adds")
	flags.Float64Var(&drop, "max-drop", 0, "the same as --set search.max_drop=...: points of the metric that may be lost")
	flags.DurationVar(&latency, "latency", 0, "what a batch may take on this machine, as 3ms: search.latency.ms, with search.latency.batch (1) and search.latency.length (the mean of dev)")
	s.MarkFlagsMutuallyExclusive("lambda", "speedup", "target", "max-drop", "latency")
	s.PreRunE = func(*cobra.Command, []string) error {
		switch {
		case flags.Changed("lambda"):
			s.aim("0", configs.NoPoints.String(), "search.lambda="+lambda)
		case flags.Changed("speedup") && !(speedup > 1):
			return fmt.Errorf("--speedup is %g, want more than 1", speedup)
		case flags.Changed("speedup"):
			s.aim(fmt.Sprintf("%.6g", 1/speedup), configs.NoPoints.String())
		case flags.Changed("target") && !(target > 0 && target < 1):
			return fmt.Errorf("--target is %g, want a share between 0 and 1", target)
		case flags.Changed("target"):
			s.aim(fmt.Sprint(target), configs.NoPoints.String())
		case flags.Changed("latency") && latency <= 0:
			return fmt.Errorf("--latency is %v, want more than 0, as 3ms", latency)
		case flags.Changed("latency"):
			s.aim("0", configs.NoPoints.String(), fmt.Sprintf("search.latency.ms=%g", latency.Seconds()*1000))
		case flags.Changed("max-drop"):
			s.aim("0", fmt.Sprint(drop))
		}
		return nil
	}
}

// aim sets what is searched for, over what CONFIG says.
func (s *experimentCommand) aim(target, drop string, more ...string) {
	s.set = append(s.set, "search.target="+target, "search.max_drop="+drop, "search.latency.ms=0")
	s.set = append(s.set, more...)
}

// searches carries out stage 2: the paper's search, or a tournament at a price.
func (s *stageCommand) searches(a *app) {
	s.RunE = func(c *cobra.Command, args []string) error {
		var found *budget.Tournament
		var result *rundir.Result
		err := s.work(a, args, func(e *configs.Experiment, o pipeline.Options) (err error) {
			if e.Search.Budgeted() {
				found, err = pipeline.Compete(c.Context(), e, o)
			} else {
				result, err = pipeline.Search(c.Context(), e, o)
			}
			return err
		})
		switch {
		case err != nil:
			return err
		case found == nil:
			return a.showResults([]*rundir.Result{result})
		case a.json:
			return a.writeJSON(found)
		}
		return a.showTournament(found)
	}
}

// retrains carries out stage 3, or a walk to the cheapest that loses no more than is
// allowed. It is an error if there is none.
func (s *stageCommand) retrains(a *app) {
	s.RunE = func(c *cobra.Command, args []string) error {
		var walk *budget.Walk
		var result *rundir.Result
		err := s.work(a, args, func(e *configs.Experiment, o pipeline.Options) (err error) {
			if e.Search.MaxDrop != configs.NoPoints && !e.Retrain.Given() {
				walk, result, err = pipeline.RetrainWithin(c.Context(), e, o)
			} else {
				result, err = pipeline.Retrain(c.Context(), e, o)
			}
			return err
		})
		switch {
		case err != nil:
			return err
		case walk == nil:
			return a.showResults([]*rundir.Result{result})
		case a.json:
			err = a.writeJSON(walk)
		default:
			err = a.showWalk(walk)
		}
		switch {
		case err != nil || a.json && walk.Reached:
			return err
		case !walk.Reached:
			return errors.New(walk.Verdict())
		}
		return a.showResults([]*rundir.Result{result})
	}
}

// showTournament shows the candidates, round by round, and who won.
func (a *app) showTournament(t *budget.Tournament) error {
	fmt.Fprintf(a.stdout, "candidates at %s; stage 1 has %s %.4f on the %d examples that choose\n\n", price(t), t.Metric, t.Dense, t.Choose)
	head := []string{"candidate", "share"}
	if t.Latency != nil {
		head = append(head, "ms")
	}
	for _, r := range t.Rounds {
		head = append(head, fmt.Sprintf("after %d steps", r.Steps))
	}
	rows := [][]string{append(head, "kept")}
	for _, e := range t.Entries {
		row := []string{e.Name, fmt.Sprintf("%.3f", e.Share)}
		if t.Latency != nil {
			row = append(row, fmt.Sprintf("%.2f", e.Took))
		}
		for i := range t.Rounds {
			value := "–"
			if i < len(e.Scores) {
				value = fmt.Sprintf("%.4f", e.Scores[i].Value)
			}
			row = append(row, value)
		}
		rows = append(rows, append(row, kept(&e.Candidate)))
	}
	var table strings.Builder
	text.Table(&table, rows)
	_, err := fmt.Fprintf(a.stdout, "%s\nchosen: %s\n\n", table.String(), t.Verdict())
	return err
}

// price says what the candidates of a tournament cost.
func price(t *budget.Tournament) string {
	if l := t.Latency; l != nil {
		return fmt.Sprintf("%g ms for %d × %d tokens on this machine, where dense BERT takes %.2f", l.Milliseconds, l.Batch, l.Length, l.Dense)
	}
	return fmt.Sprintf("%g of dense BERT's multiply-adds", t.Target)
}

// showWalk shows the points of a walk, and what was kept.
func (a *app) showWalk(w *budget.Walk) error {
	rows := [][]string{{"share", "candidate", "choosing " + w.Metric, "points lost", "dev " + w.Metric, "kept"}}
	for _, p := range w.Points {
		rows = append(rows, []string{fmt.Sprintf("%.3f", p.Share), p.Name, fmt.Sprintf("%.4f", p.Value), fmt.Sprintf("%.2f", p.Drop), fmt.Sprintf("%.4f", p.Dev), kept(&p.Candidate)})
	}
	var table strings.Builder
	text.Table(&table, rows)
	if w.Reached {
		fmt.Fprintf(&table, "\nkept: %s\n", w.Verdict())
	}
	_, err := fmt.Fprintf(a.stdout, "%s\n", table.String())
	return err
}

// kept is the counts of a candidate in a table, and how many neurons where these are fewer.
func kept(c *budget.Candidate) string {
	list := "all"
	if len(c.Keep) > 0 {
		list = text.List(c.Keep)
	}
	if neurons, narrow := configs.ParseNarrow(c.Student); narrow {
		return fmt.Sprintf("%s, %d neurons", list, neurons)
	}
	return list
}

// runs carries out all stages, and shows what was tried on the way to a price or a quality.
func (s *stageCommand) runs(a *app) {
	s.RunE = func(c *cobra.Command, args []string) error {
		var results []*rundir.Result
		var tried *budget.Tournament
		var walk *budget.Walk
		var both *quantize.TwoByTwo
		err := s.work(a, args, func(e *configs.Experiment, o pipeline.Options) (err error) {
			if results, both, err = quantize.Run(c.Context(), e, o); e.Search.Budgeted() && !e.Retrain.Given() {
				var unreadable error
				tried, walk, unreadable = pipeline.Tried(e, o)
				err = cmp.Or(err, unreadable)
			}
			return err
		})
		if tried != nil && !a.json {
			_ = a.showTournament(tried) // what cannot be written is told by what follows
			for _, r := range results {
				r.Retention = nil // the table has the list that was learned, at its price
			}
		}
		if walk != nil && !a.json {
			_ = a.showWalk(walk)
		}
		if err != nil {
			return err
		}
		return a.showRun(results, both)
	}
}

package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/budget"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
)

// Compete runs stage 2 for a price or a quality (search.target, search.max_drop): the
// paper's search, if its list is a candidate, and then a tournament of all candidates, each
// retrained for a while on the same stage 1 and scored on the rows that choose. What is
// chosen is in the run directory's tournament.json; Retrain trains it whole.
//
// Called again it goes on: what is complete is kept, and what was interrupted is resumed.
func Compete(ctx context.Context, e *configs.Experiment, o Options) (*budget.Tournament, error) {
	if e.Retrain.Given() {
		return nil, noSearch(e)
	}
	o = o.prepare(e)
	c := &contest{run: &run{Options: o, exp: e}}
	if e.Search.Learns() {
		if _, err := Search(ctx, e, o); err != nil {
			return nil, err
		}
		c.Overwrite = false // with the search went what stood on it
	}
	if found, err := foundIn(c.Dir, e); !c.Overwrite && (found != nil || err != nil) {
		return found, err
	}
	var f *budget.Field
	var t *task
	release, err := c.place().HoldPrices(e, configs.StageSearch, func() (err error) {
		f, t, err = fieldOf(ctx, c.run)
		return err
	})
	if err != nil {
		return nil, err
	}
	defer release()
	if c.place().Begun(configs.StageRetrain) {
		return nil, rundir.Errorf(c.Dir, "holds a retrain stage of what was searched for before; discard it with --overwrite, or use another --out")
	}
	if err := c.enter(ctx, f, t); err != nil {
		return nil, err
	}
	return c.hold(ctx)
}

// A contest is a tournament under way.
type contest struct {
	*run
	tournament *budget.Tournament
}

// enter makes the candidates of a field and plans the rounds.
func (c *contest) enter(ctx context.Context, f *budget.Field, t *task) error {
	e := c.exp
	first, err := c.place().Stage(configs.StageFinetune).Result()
	if err != nil {
		return err
	}
	list, target, latency, err := c.candidates(ctx, f, t)
	if err != nil {
		return err
	}
	retraining := c.plan(configs.StageRetrain, t)
	c.tournament = budget.NewTournament(list, c.steps(t, target), retraining.Total())
	c.tournament.Latency = latency
	c.tournament.Target, c.tournament.Metric, c.tournament.Choose, c.tournament.Dense = target, t.Metric, len(t.Chooses()), first.Dev
	if t.HeldOut != nil {
		c.tournament.Dense = first.Chosen
	}
	c.tournament.Asked = append([]string{}, e.Search.Candidates...)
	return nil
}

// candidates are those that meet the price, and the share of dense BERT's multiply-adds
// that is; of a price in time what was measured, and the share of the dearest.
func (c *contest) candidates(ctx context.Context, f *budget.Field, t *task) (list []budget.Candidate, target float64, l *budget.Latency, err error) {
	if !c.exp.Search.Timed() {
		target = asked(c.exp)
		if list = f.Candidates(named(c.exp, f), target); len(list) == 0 {
			err = c.unmet(f, t)
		}
		return list, target, nil, err
	}
	if l, err = c.timed(ctx, f, t); err != nil {
		return nil, 0, nil, err
	}
	for i := range l.Candidates {
		target = max(target, l.Candidates[i].Share)
	}
	if len(l.Candidates) == 0 {
		err = configError(c.exp, "search.latency.ms", fmt.Sprintf("none of the candidates takes %g ms or less on this machine, where dense BERT takes %.2f; raise it", l.Milliseconds, l.Dense))
	}
	return l.Candidates, target, l, err
}

// unmet is the error of a price that nothing meets.
func (c *contest) unmet(f *budget.Field, t *task) error {
	return cmp.Or(affordable(c.exp, f, t), configError(c.exp, "search.candidates",
		fmt.Sprintf("none of search.candidates meets a share of %g of the multiply-adds of %d encoders", asked(c.exp), f.Encoders)))
}

// steps is how many optimiser steps all short retrainings may take: as long as the search
// and the whole retraining together, or without a search twice the retraining, less a fifth
// for evaluations. A step of the search is one of dense BERT, one of a retraining costs its
// share of that, and a third more where a teacher runs beside.
func (c *contest) steps(t *task, target float64) int {
	whole := float64(c.plan(configs.StageRetrain, t).Total())
	more, own := whole, target
	if d := distilled(c.exp.Retrain.Distil); d.Taught() && !train.ReadsBefore(d, c.Crew.Size()) {
		own += 1.0 / 3
	}
	if c.exp.Search.Learns() {
		more = float64(plan.Of(c.exp, configs.StageSearch, len(t.Train), 0).Total()) / own
	}
	return int(math.Round(0.8 * (more + whole)))
}

// hold runs the rounds and writes what came of them.
func (c *contest) hold(ctx context.Context) (*budget.Tournament, error) {
	t := c.tournament
	for i, round := range t.Rounds {
		for _, entry := range t.In(i) {
			c.Log.Info("candidate", "round", fmt.Sprintf("%d of %d", i+1, len(t.Rounds)), "name", cmp.Or(entry.Student, entry.Name), "steps", round.Steps,
				"share", fmt.Sprintf("%.3f", entry.Share), "kept", fmt.Sprint(entry.Keep))
			score, err := c.try(ctx, &entry.Candidate, round.Steps)
			if err != nil {
				return nil, err
			}
			entry.Scores = append(entry.Scores, score)
		}
	}
	t.Settle()
	return t, rundir.WriteJSON(rundir.TournamentFile(c.Dir), t)
}

// try retrains a candidate for a while. Of its model the score stays.
func (c *contest) try(ctx context.Context, candidate *budget.Candidate, steps int) (s budget.Score, err error) {
	result, err := retrained(ctx, c.priced(candidate, c.tournament.Price(candidate), steps))
	if err != nil {
		return s, err
	}
	return budget.Score{Value: result.Chosen, Loss: result.Loss, Seconds: result.Seconds}, model.RemoveWeights(result.Dir)
}

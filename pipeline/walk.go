package pipeline

import (
	"cmp"
	"context"
	"fmt"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline/budget"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// RetrainWithin runs stage 3 for a quality (search.max_drop): whole retrainings at several
// prices, of the kind of candidate that won the tournament, and keeps the cheapest that
// loses no more on the rows that choose. It becomes the run directory's stage 3; where none
// holds, nothing does. walk.json has all of them.
func RetrainWithin(ctx context.Context, e *configs.Experiment, o Options) (*budget.Walk, *rundir.Result, error) {
	r := &run{Options: o.prepare(e), exp: e}
	won, err := wonIn(r.place(), e)
	if err != nil {
		return nil, nil, err
	}
	done, err := r.place().Look(e, configs.StageRetrain)
	if err != nil {
		return nil, nil, err
	}
	if done != nil {
		w := &budget.Walk{}
		return w, done, cmp.Or(missing(done, true), rundir.ReadJSON(rundir.WalkFile(r.Dir), w))
	}
	var f *budget.Field
	release, err := r.place().HoldPrices(e, configs.StageRetrain, func() (err error) {
		f, _, err = fieldOf(ctx, r)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	defer release()
	w := &walker{run: r, won: won, field: f,
		walk: &budget.Walk{MaxDrop: float64(e.Search.MaxDrop), Metric: won.Metric, Choose: won.Choose, Dense: won.Dense}}
	result, err := w.wander(ctx)
	return w.walk, result, err
}

// A walker is a walk under way.
type walker struct {
	*run
	walk  *budget.Walk
	won   *budget.Tournament
	field *budget.Field
}

// wander goes from price to price, and takes over what it keeps.
func (w *walker) wander(ctx context.Context) (*rundir.Result, error) {
	for {
		target, more := w.walk.Next()
		if !more {
			break
		}
		c, ok := w.field.Like(w.won.Chosen, w.won.Target, target)
		if !ok || w.walk.Tried(&c) {
			break
		}
		w.Log.Info("candidate", "retraining", fmt.Sprintf("%d of at most %d", len(w.walk.Points)+1, budget.MostPoints), "name", cmp.Or(c.Student, c.Name),
			"share", fmt.Sprintf("%.3f", c.Share), "kept", fmt.Sprint(c.Keep))
		p, err := point(ctx, w.run, &c, target, w.walk.Dense)
		if err != nil {
			return nil, err
		}
		w.walk.Points = append(w.walk.Points, p)
	}
	w.walk.Settle()
	err := rundir.WriteJSON(rundir.WalkFile(w.Dir), w.walk) // before what it explains is there
	if err != nil || !w.walk.Reached {
		return nil, err
	}
	trial := w.priced(&w.walk.Kept.Candidate, w.walk.Kept.Target, 0)
	return w.place().Adopt(w.exp, trial.Dir, configs.StageRetrain)
}

// point retrains a candidate whole; dense is stage 1's metric on the rows that choose.
func point(ctx context.Context, r *run, c *budget.Candidate, target, dense float64) (*budget.Point, error) {
	result, err := retrained(ctx, r.priced(c, target, 0))
	if err != nil {
		return nil, err
	}
	return &budget.Point{Candidate: *c, Target: target, Value: result.Chosen, Drop: 100 * (dense - result.Chosen),
		Dev: result.Dev, Seconds: result.Seconds, Dir: result.Dir}, nil
}

// Competitors are the names of the candidates that compete at the price of an experiment
// (search.target), all of them where it names none. They want stage 1 complete.
func Competitors(ctx context.Context, e *configs.Experiment, o Options) ([]string, error) {
	f, _, err := fieldOf(ctx, &run{Options: o.prepare(e), exp: e})
	if err != nil {
		return nil, err
	}
	return named(e, f), nil
}

// RetrainCandidate retrains the candidate of a name whole at a price (search.target), in a
// trial of the run directory, whose own stages stay as they are. The learned list wants
// the search complete; the others want stage 1. What was interrupted goes on.
func RetrainCandidate(ctx context.Context, e *configs.Experiment, o Options, name string) (*budget.Point, error) {
	to := *e
	to.Search.Candidates = []string{name}
	r := &run{Options: o.prepare(&to), exp: &to}
	release, err := rundir.HoldFinetune(r.Dir)
	if err != nil {
		return nil, err
	}
	defer release()
	f, _, err := fieldOf(ctx, r)
	if err != nil {
		return nil, err
	}
	c, ok := f.Candidate(name, to.Search.Target)
	if !ok {
		return nil, configError(&to, "search.target", fmt.Sprintf("%s cannot cost a share of %g of the multiply-adds of %d encoders", name, to.Search.Target, f.Encoders))
	}
	first, err := r.place().Stage(configs.StageFinetune).Result()
	if err != nil {
		return nil, err
	}
	return point(ctx, r, &c, to.Search.Target, first.Chosen)
}

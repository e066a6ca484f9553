package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

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
	won, err := r.found()
	if err == nil && won == nil {
		err = r.place().Lacks(configs.StageSearch)
	}
	if err != nil {
		return nil, nil, err
	}
	done, err := r.place().Look(e, configs.StageRetrain)
	if err != nil {
		return nil, nil, err
	}
	if done != nil {
		w := &budget.Walk{}
		return w, done, rundir.ReadJSON(rundir.WalkFile(r.Dir), w)
	}
	release, err := r.place().HoldPrices(e, configs.StageRetrain)
	if err != nil {
		return nil, nil, err
	}
	defer release()
	return r.walk(ctx, won)
}

// Tried is the tables of what an experiment's search for a price or a quality tried; nil:
// there is none.
func Tried(e *configs.Experiment, o Options) (*budget.Tournament, *budget.Walk) {
	o = o.prepare(e)
	t, w := &budget.Tournament{}, &budget.Walk{}
	if rundir.ReadJSON(rundir.TournamentFile(o.Dir), t) != nil || t.Chosen == nil {
		t = nil
	}
	if rundir.ReadJSON(rundir.WalkFile(o.Dir), w) != nil || w.Kept == nil {
		w = nil
	}
	return t, w
}

// walk goes from price to price, and takes over what it keeps.
func (r *run) walk(ctx context.Context, won *budget.Tournament) (*budget.Walk, *rundir.Result, error) {
	w := &budget.Walk{MaxDrop: float64(r.exp.Search.MaxDrop), Metric: won.Metric, Choose: won.Choose, Dense: won.Dense}
	f, err := r.fieldOf(ctx)
	if err != nil {
		return nil, nil, err
	}
	for {
		target, more := w.Next()
		if !more {
			break
		}
		c, ok := f.Like(won.Chosen, won.Target, target)
		if !ok || w.Tried(&c) {
			break
		}
		if err := r.point(ctx, w, &c, target); err != nil {
			return nil, nil, err
		}
	}
	w.Settle()
	var kept *rundir.Result
	if w.Reached {
		trial := r.priced(&w.Kept.Candidate, w.Kept.Target, 0)
		if kept, err = r.place().Adopt(r.exp, trial.Dir, configs.StageRetrain); err != nil {
			return nil, nil, err
		}
	}
	return w, kept, rundir.WriteJSON(rundir.WalkFile(r.Dir), w)
}

// fieldOf is the field of candidates of a run directory with a tournament.
func (r *run) fieldOf(ctx context.Context) (*budget.Field, error) {
	t, err := loadTask(ctx, r.exp, r.Options)
	if err != nil {
		return nil, err
	}
	config, _, err := (&source{r, t}).from(configs.StageFinetune)
	if err != nil {
		return nil, err
	}
	found, err := r.place().Stage(configs.StageSearch).ReadRetention()
	if errors.Is(err, fs.ErrNotExist) { // no candidate learned
		return field(r.exp, config, t.Dev, nil), nil
	}
	if err != nil {
		return nil, err
	}
	return field(r.exp, config, t.Dev, found.Mass), nil
}

// point retrains a candidate whole.
func (r *run) point(ctx context.Context, w *budget.Walk, c *budget.Candidate, target float64) error {
	r.Log.Info("candidate", "retraining", fmt.Sprintf("%d of at most %d", len(w.Points)+1, budget.MostPoints), "name", c.Name,
		"share", fmt.Sprintf("%.3f", c.Share), "kept", fmt.Sprint(c.Keep))
	result, err := r.priced(c, target, 0).retrained(ctx)
	if err != nil {
		return err
	}
	w.Points = append(w.Points, &budget.Point{Candidate: *c, Target: target, Value: result.Chosen, Drop: 100 * (w.Dense - result.Chosen),
		Dev: result.Dev, Seconds: result.Seconds, Dir: result.Dir})
	return nil
}

package pipeline

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline/budget"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// foundIn is the tournament of a run directory that is over, where it was for the same
// price among the same candidates; nil: there is none.
func foundIn(dir string, e *configs.Experiment) (*budget.Tournament, error) {
	t := &budget.Tournament{}
	switch err := rundir.ReadJSON(rundir.TournamentFile(dir), t); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case t.Chosen == nil || !meets(t, e) || !slices.Equal(t.Asked, e.Search.Candidates):
		return nil, nil
	}
	return t, nil
}

// meets tells whether a tournament was for the price that an experiment asks for.
func meets(t *budget.Tournament, e *configs.Experiment) bool {
	if l := t.Latency; l != nil || timely(e) {
		asks := e.Search.Latency
		return l != nil && l.Milliseconds == asks.Milliseconds && l.Batch == asks.Batch && (asks.Length == 0 || l.Length == asks.Length)
	}
	return t.Target == asked(e)
}

// timely tells whether an experiment asks for a price in time.
func timely(e *configs.Experiment) bool { return e.Search.Latency.Milliseconds > 0 }

// wonIn is the tournament that stage 3 of an experiment stands on; a place without one
// lacks its search.
func wonIn(p *rundir.Place, e *configs.Experiment) (*budget.Tournament, error) {
	t, err := foundIn(p.Dir, e)
	if err == nil && t == nil {
		err = p.Lacks(configs.StageSearch)
	}
	return t, err
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

// asked is the price that candidates compete at first.
func asked(e *configs.Experiment) float64 {
	if e.Search.Target > 0 {
		return e.Search.Target
	}
	return budget.FirstTarget
}

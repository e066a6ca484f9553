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
	t, err := readTable[budget.Tournament](rundir.TournamentFile(dir))
	if t == nil || t.Chosen == nil || !meets(t, e) || !slices.Equal(t.Asked, e.Search.Candidates) {
		return nil, err
	}
	return t, nil
}

// meets tells whether a tournament was for the price that an experiment asks for.
func meets(t *budget.Tournament, e *configs.Experiment) bool {
	if l := t.Latency; l != nil || e.Search.Timed() {
		asks := e.Search.Latency
		return l != nil && l.Milliseconds == asks.Milliseconds && l.Batch == asks.Batch && (asks.Length == 0 || l.Length == asks.Length)
	}
	return t.Target == asked(e)
}

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
// there is none, or it is not over.
func Tried(e *configs.Experiment, o Options) (*budget.Tournament, *budget.Walk, error) {
	o = o.prepare(e)
	t, errTournament := readTable[budget.Tournament](rundir.TournamentFile(o.Dir))
	if t != nil && t.Chosen == nil {
		t = nil
	}
	w, errWalk := readTable[budget.Walk](rundir.WalkFile(o.Dir))
	if w != nil && w.Kept == nil {
		w = nil
	}
	return t, w, errors.Join(errTournament, errWalk)
}

// readTable reads a table; nil: it is not there.
func readTable[T any](path string) (*T, error) {
	table := new(T)
	err := rundir.ReadJSON(path, table)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return table, nil
}

// asked is the price that candidates compete at first.
func asked(e *configs.Experiment) float64 {
	if e.Search.Target > 0 {
		return e.Search.Target
	}
	return budget.FirstTarget
}

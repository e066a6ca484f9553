package configs

import (
	"slices"

	"github.com/powerbert/powerbert/retention"
)

// Budgeted tells whether the search is for a price or a quality, and not for what a λ
// leads to.
func (s *Search) Budgeted() bool {
	return s.Target > 0 || s.MaxDrop != NoPoints || s.Timed()
}

// Timed tells whether the price is one in time.
func (s *Search) Timed() bool { return s.Latency.Milliseconds > 0 }

// Learns tells whether a search for a budget takes the paper's search along: its list is
// a candidate.
func (s *Search) Learns() bool { return slices.Contains(s.Candidates, retention.ListLearned) }

// Alone tells whether the searched list is the only candidate for a budget, so that
// nothing competes, and stage 3 goes on from the search's model as in the paper.
func (s *Search) Alone() bool { return len(s.Candidates) == 1 && s.Learns() }

// Given tells whether the experiment says itself what stage 3 is to be, so that there is
// nothing to search for.
func (r *Retrain) Given() bool { return len(r.Retention) > 0 || r.Student != "" }

// Stages are the stages that a run of the experiment leaves: all three, or without a search
// where nothing is to be learned.
func (e *Experiment) Stages() []string {
	if e.Retrain.Given() || e.Search.Budgeted() && !e.Search.Learns() {
		return []string{StageFinetune, StageRetrain}
	}
	return Stages()
}

// Searches tells whether a run of the experiment leaves the paper's search.
func (e *Experiment) Searches() bool { return slices.Contains(e.Stages(), StageSearch) }

// isCandidate tells whether a word names a candidate: a kind of list, narrow, or a student.
func isCandidate(name string) bool {
	_, _, student := ParseStudent(name)
	return student || name == retention.ListLearned || name == retention.ListGeometric || name == Narrow
}

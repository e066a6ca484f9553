package budget

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// A Tournament is a competition of candidates at one price, by successive halving: all are
// retrained for a few steps, the better half for more, until one is left
// (tournament.json).
type Tournament struct {
	Target  float64    `json:"target"` // part of dense BERT's multiply-adds; of a price in time, of the dearest
	Latency *Latency   `json:"latency,omitempty"`
	Metric  string     `json:"metric"`     // on the examples that choose
	Choose  int        `json:"examples"`   // that choose
	Dense   float64    `json:"finetune"`   // the metric of stage 1's model on them
	Asked   []string   `json:"candidates"` // the experiment's; none: it leaves them open
	Rounds  []Round    `json:"rounds"`
	Entries []*Entry   `json:"entries"`
	Chosen  *Candidate `json:"chosen"` // nil: it goes on
}

// A Round is a part of a tournament: so many candidates are retrained for so many
// optimiser steps.
type Round struct {
	Candidates int `json:"candidates"`
	Steps      int `json:"steps"`
}

// An Entry is a candidate, and what it came to in each round that it was in.
type Entry struct {
	Candidate
	Scores []Score `json:"scores"`
}

// A Score is what a short retraining came to on the examples that choose.
type Score struct {
	Value   float64 `json:"value"` // of the metric
	Loss    float64 `json:"loss"`
	Seconds float64 `json:"seconds"`
}

// Halve plans the rounds of so many candidates that take about so many optimiser steps in
// all, an equal part in each round (Jamieson & Talwalkar 2016); none of a retraining is
// longer than most. One candidate needs none.
func Halve(candidates, steps, most int) []Round {
	rounds := []Round{}
	for n := candidates; n > 1; n = (n + 1) / 2 {
		rounds = append(rounds, Round{Candidates: n})
	}
	for i := range rounds {
		r := &rounds[i]
		r.Steps = min(max(steps/len(rounds)/r.Candidates, 1), most)
	}
	return rounds
}

// NewTournament lets candidates compete for about so many optimiser steps in all, none
// longer than most.
func NewTournament(candidates []Candidate, steps, most int) *Tournament {
	t := &Tournament{Rounds: Halve(len(candidates), steps, most), Asked: []string{}}
	for _, c := range candidates {
		t.Entries = append(t.Entries, &Entry{Candidate: c, Scores: []Score{}})
	}
	return t
}

// Price is what a candidate was made for.
func (t *Tournament) Price(c *Candidate) float64 {
	if t.Latency != nil {
		return math.Round(1000*c.Share) / 1000
	}
	return t.Target
}

// In lists the candidates of a round, once those before it are over.
func (t *Tournament) In(round int) []*Entry {
	in := slices.Clone(t.Entries)
	for i := range round {
		slices.SortStableFunc(in, func(a, b *Entry) int { return a.Scores[i].against(&b.Scores[i]) })
		in = in[:(len(in)+1)/2]
	}
	return in
}

// against compares two scores: the better one, of the larger value or else of the smaller
// loss, comes first.
func (s *Score) against(other *Score) int {
	return cmp.Or(cmp.Compare(other.Value, s.Value), cmp.Compare(s.Loss, other.Loss))
}

// Settle chooses who is left when all rounds are over.
func (t *Tournament) Settle() { t.Chosen = &t.In(len(t.Rounds))[0].Candidate }

// Verdict says in words who won.
func (t *Tournament) Verdict() string {
	if len(t.Entries) == 1 {
		return fmt.Sprintf("%v, the only candidate", t.Chosen)
	}
	return fmt.Sprintf("%v, the best of %d on the %d examples that choose", t.Chosen, len(t.Entries), t.Choose)
}

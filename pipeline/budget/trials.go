package budget

import (
	"fmt"
	"slices"

	"github.com/powerbert/powerbert/pipeline/rundir"
)

// Trials is what the search for a goal found: trials.json.
type Trials struct {
	Goal    Goal             `json:"goal"`
	Metric  string           `json:"metric"`
	Dev     float64          `json:"dev"` // stage 1's
	Trials  []*Trial         `json:"trials"`
	Chosen  *Trial           `json:"chosen"` // the nearest where the goal was not reached
	Reached bool             `json:"reached"`
	Verdict string           `json:"verdict"` // in words
	Results []*rundir.Result `json:"-"`       // of the chosen trial's stages, in the run directory
}

// Next is the λ to try next, from start on; more is false where the goal is met as nearly
// as it can be, or the trials are used up. In that case left tells whether there would
// be another λ to try.
func (t *Trials) Next(start float64) (lambda float64, more, left bool) {
	lambda, left = t.Goal.next(start, t.Trials)
	return lambda, left && len(t.Trials) < t.Goal.Trials, left
}

// Settle chooses a trial and puts what was found into words. With more trials there would
// be a λ left to try where left is set; travel is the travel budget of r.
func (t *Trials) Settle(left bool, travel float64) {
	t.Chosen, t.Reached = t.Goal.best(t.Trials)
	got := fmt.Sprintf("lambda %g saves %.2f× and loses %.2f points (%s)", t.Chosen.Lambda, t.Chosen.Speedup, t.Chosen.Drop, t.Chosen.Stage)
	if t.Reached {
		t.Verdict = fmt.Sprintf("%s: %s%s", &t.Goal, got, t.further(left))
		return
	}
	t.Verdict = fmt.Sprintf("not reached: %s; %s. The nearest is in %s: %s", &t.Goal, t.obstacle(left, travel), t.Chosen.Dir, got)
}

// obstacle says what stands in the way of a goal that was not reached.
func (t *Trials) obstacle(left bool, travel float64) string {
	g := &t.Goal
	switch {
	case left:
		return fmt.Sprintf("%d trials were too few; allow more with --trials, those made are kept", len(t.Trials))
	case g.By == BySpeedup && travel < 1:
		return fmt.Sprintf("the travel budget of r is %.2f, below 1, so r cannot fall far whatever lambda is; set search.lr_r to auto, or raise it or search.epochs", travel)
	}
	return fmt.Sprintf("no lambda from %g to %g does it; give another --lambda-range", g.Low, g.High)
}

// further says where a goal that was reached might be met more nearly.
func (t *Trials) further(left bool) string {
	g := &t.Goal
	switch beyond := slices.ContainsFunc(t.Trials, g.beyond); {
	case left:
		return "; more --trials may come nearer"
	case g.By == ByDrop && !beyond:
		return "; no lambda up to the end of --lambda-range loses more"
	case g.By == BySpeedup && !slices.ContainsFunc(t.Trials, func(t *Trial) bool { return !g.beyond(t) }):
		return "; no lambda down to the end of --lambda-range saves less"
	}
	return ""
}

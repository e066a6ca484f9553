package budget

import "testing"

// What was found is put into words: the chosen trial, and what stands in the way of a goal
// that was not reached.
func TestSettle(t *testing.T) {
	slow := &Trial{Lambda: 1e-4, Speedup: 2, Drop: 0.5, Stage: "retrain", Dir: "a"}
	fast := &Trial{Lambda: 1e-3, Speedup: 4, Drop: 3, Stage: "retrain", Dir: "b"}
	goal := func(by string, value float64) Goal {
		return Goal{By: by, Value: value, Low: 1e-4, High: 1e-2, Trials: 5}
	}
	for _, c := range []struct {
		goal   Goal
		trials []*Trial
		left   bool
		travel float64
		chosen *Trial
		want   string
	}{
		{goal(ByDrop, 1), []*Trial{slow, fast}, false, 2, slow, "at most 1 points of the dev metric lost: lambda 0.0001 saves 2.00× and loses 0.50 points (retrain)"},
		{goal(ByDrop, 1), []*Trial{slow}, false, 2, slow, "at most 1 points of the dev metric lost: lambda 0.0001 saves 2.00× and loses 0.50 points (retrain); no lambda up to the end of --lambda-range loses more"},
		{goal(BySpeedup, 3), []*Trial{slow, fast}, true, 2, fast, "3× fewer multiply-adds than BERT, neither padded: lambda 0.001 saves 4.00× and loses 3.00 points (retrain); more --trials may come nearer"},
		{goal(BySpeedup, 1.5), []*Trial{slow}, false, 2, slow, "1.5× fewer multiply-adds than BERT, neither padded: lambda 0.0001 saves 2.00× and loses 0.50 points (retrain); no lambda down to the end of --lambda-range saves less"},
		{goal(ByDrop, 0.2), []*Trial{slow, fast}, false, 2, slow, "not reached: at most 0.2 points of the dev metric lost; no lambda from 0.0001 to 0.01 does it; give another --lambda-range. The nearest is in a: lambda 0.0001 saves 2.00× and loses 0.50 points (retrain)"},
		{goal(ByDrop, 0.2), []*Trial{slow}, true, 2, slow, "not reached: at most 0.2 points of the dev metric lost; 1 trials were too few; allow more with --trials, those made are kept. The nearest is in a: lambda 0.0001 saves 2.00× and loses 0.50 points (retrain)"},
		{goal(BySpeedup, 9), []*Trial{slow, fast}, false, 0.5, fast, "not reached: 9× fewer multiply-adds than BERT, neither padded; the travel budget of r is 0.50, below 1, so r cannot fall far whatever lambda is; set search.lr_r to auto, or raise it or search.epochs. The nearest is in b: lambda 0.001 saves 4.00× and loses 3.00 points (retrain)"},
	} {
		found := &Trials{Goal: c.goal, Trials: c.trials}
		found.Settle(c.left, c.travel)
		if found.Chosen != c.chosen || found.Verdict != c.want {
			t.Errorf("chosen %+v\n%s\nwant\n%s", found.Chosen, found.Verdict, c.want)
		}
	}
}

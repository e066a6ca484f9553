package budget

import (
	"math"
	"testing"
)

// follow plays a search for a goal on figures that are functions of λ.
func follow(g Goal, start float64, speedup, drop func(lambda float64) float64) (trials []*Trial, left bool) {
	for {
		lambda, more := g.next(start, trials)
		if !more || len(trials) == g.Trials {
			return trials, more
		}
		trials = append(trials, &Trial{Lambda: lambda, Speedup: speedup(lambda), Drop: drop(lambda)})
	}
}

// root is a speed-up that grows with λ: 3 at 4e-4.
func root(lambda float64) float64 { return 1 + math.Sqrt(lambda/1e-4) }

// loss is a drop that grows with λ: 1 at 1e-3.
func loss100(lambda float64) float64 { return lambda / 1e-3 }

func TestGoalFindsLambda(t *testing.T) {
	constant := func(float64) float64 { return 2 }
	saw := func(lambda float64) float64 { return 1 + 2*math.Abs(math.Sin(1e4*lambda)) }
	tests := []struct {
		name          string
		goal          Goal
		start         float64
		speedup, drop func(float64) float64
		low, high     float64 // of the λ that is chosen
		most          int     // trials
		reached, left bool
	}{
		{"from below", Goal{BySpeedup, 3, 1e-4, 1e-2, 20}, 1e-4, root, loss100, 4e-4, 4.25e-4, 8, true, false},
		{"from above", Goal{BySpeedup, 3, 1e-4, 1e-2, 20}, 1e-2, root, loss100, 4e-4, 4.25e-4, 9, true, false},
		{"from outside", Goal{BySpeedup, 3, 1e-4, 1e-2, 20}, 7, root, loss100, 4e-4, 4.25e-4, 9, true, false},
		{"too few", Goal{BySpeedup, 3, 1e-4, 1e-2, 3}, 1e-4, root, loss100, 4e-4, 1e-3, 3, true, true},
		{"none at all", Goal{BySpeedup, 3, 1e-4, 1e-2, 2}, 1e-4, root, loss100, 3.16e-4, 3.16e-4, 2, false, true},
		{"too fast", Goal{BySpeedup, 12, 1e-4, 1e-2, 20}, 1e-3, root, loss100, 1e-2, 1e-2, 3, false, false},
		{"too slow", Goal{BySpeedup, 1.5, 1e-4, 1e-2, 20}, 1e-3, root, loss100, 1e-4, 1e-4, 3, true, false},
		{"a jump", Goal{BySpeedup, 3, 1e-4, 1e-2, 20}, 1e-3, func(l float64) float64 { return 2 + 2*math.Round(l/1e-3) }, loss100, 5e-4, 1e-3, 12, true, false},
		{"no slope", Goal{BySpeedup, 3, 1e-4, 1e-2, 20}, 1e-3, constant, loss100, 1e-3, 1e-3, 3, false, false},
		{"no order", Goal{BySpeedup, 2, 1e-4, 1e-2, 20}, 1e-3, saw, loss100, 1e-4, 1e-2, 12, true, false},
		{"one lambda", Goal{BySpeedup, 3, 4e-4, 4e-4, 20}, 1e-3, root, loss100, 4e-4, 4e-4, 1, true, false},
		{"drop from below", Goal{ByDrop, 1, 1e-4, 1e-2, 20}, 1e-4, root, loss100, 0.9e-3, 1e-3, 8, true, false},
		{"drop from above", Goal{ByDrop, 1, 1e-4, 1e-2, 20}, 1e-2, root, loss100, 0.9e-3, 1e-3, 8, true, false},
		{"drop never reached", Goal{ByDrop, 1, 2e-3, 1e-2, 20}, 3e-3, root, loss100, 2e-3, 2e-3, 2, false, false},
		{"drop always", Goal{ByDrop, 99, 1e-4, 1e-2, 20}, 1e-3, root, loss100, 1e-2, 1e-2, 3, true, false},
	}
	for _, tt := range tests {
		trials, left := follow(tt.goal, tt.start, tt.speedup, tt.drop)
		best, reached := tt.goal.best(trials)
		if reached != tt.reached || left != tt.left || len(trials) > tt.most || best.Lambda < tt.low || best.Lambda > tt.high {
			t.Errorf("%s: %d trials choose lambda %g, reached %v, left %v; want %g to %g within %d, %v, %v",
				tt.name, len(trials), best.Lambda, reached, left, tt.low, tt.high, tt.most, tt.reached, tt.left)
		}
		for _, trial := range trials {
			if trial.Lambda < tt.goal.Low || trial.Lambda > tt.goal.High || trial.Lambda != rounded(trial.Lambda) {
				t.Errorf("%s: tries lambda %v", tt.name, trial.Lambda)
			}
		}
	}
}

func TestBestTrial(t *testing.T) {
	trials := []*Trial{{Lambda: 1, Speedup: 2, Drop: 0.5}, {Lambda: 2, Speedup: 3.5, Drop: 1}, {Lambda: 3, Speedup: 3.1, Drop: 1.2}, {Lambda: 4, Speedup: 5, Drop: -1}}
	tests := []struct {
		goal    Goal
		want    float64
		reached bool
	}{
		{Goal{By: BySpeedup, Value: 3}, 3, true},
		{Goal{By: BySpeedup, Value: 6}, 4, false},
		{Goal{By: BySpeedup, Value: 1.1}, 1, true},
		{Goal{By: ByDrop, Value: 1}, 4, true},
		{Goal{By: ByDrop, Value: -2}, 4, false},
	}
	for _, tt := range tests {
		if best, reached := tt.goal.best(trials); best.Lambda != tt.want || reached != tt.reached {
			t.Errorf("%s: trial %g, reached %v, want %g, %v", &tt.goal, best.Lambda, reached, tt.want, tt.reached)
		}
	}
	bert, power := 0.978, 0.968
	if point := 100 * (bert - power); point <= 1 || (&Goal{By: ByDrop, Value: 1}).beyond(&Trial{Drop: point}) {
		t.Errorf("a drop of one point (%v) is more than one point", point)
	}
	if best, reached := (&Goal{By: ByDrop, Value: 1}).best(trials[1:3]); best.Lambda != 2 || !reached {
		t.Errorf("of two losers the one within the budget is not chosen: %+v", best)
	}
}

func TestBadGoals(t *testing.T) {
	good := Goal{BySpeedup, 3, 1e-4, 1e-2, 5}
	for want, g := range map[string]Goal{
		"a speed-up of 1, want more than 1":               {BySpeedup, 1, 1e-4, 1e-2, 5},
		"a speed-up of NaN, want more than 1":             {BySpeedup, math.NaN(), 1e-4, 1e-2, 5},
		"lambda from 0.01 to 0.001, want a range above 0": {BySpeedup, 3, 1e-2, 1e-3, 5},
		"lambda from 0 to 0.001, want a range above 0":    {ByDrop, 1, 0, 1e-3, 5},
		"lambda from 0.001 to +Inf, want a range above 0": {ByDrop, 1, 1e-3, math.Inf(1), 5},
		"a drop of NaN points, want 0 or more":            {ByDrop, math.NaN(), 1e-3, 1, 5},
		"a drop of -1 points, want 0 or more":             {ByDrop, -1, 1e-3, 1, 5},
		"0 trials, want 1 or more":                        {ByDrop, 1, 1e-3, 1e-2, 0},
	} {
		if err := g.Check(); err == nil || err.Error() != want {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
}

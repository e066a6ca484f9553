package budget

import (
	"math"
	"slices"
	"testing"
)

// A walk goes down while everything holds, up while nothing does, and then between.
func TestWalk(t *testing.T) {
	dense, value := 0.978, 0.968 // a point apart, but for what rounding adds
	for _, c := range []struct {
		name    string
		least   float64 // the price below which more than a point is lost
		targets []float64
		kept    float64
		reached bool
	}{
		{"everything holds", 0, []float64{0.5, 0.3, 0.18}, 0.18, true},
		{"nothing holds", 0.99, []float64{0.5, 0.75, 0.875}, 0.875, false},
		{"down, then between", 0.4, []float64{0.5, 0.3, 0.387}, 0.5, true},
		{"down, then nearer", 0.35, []float64{0.5, 0.3, 0.387}, 0.387, true},
		{"up, then between", 0.7, []float64{0.5, 0.75, 0.612}, 0.75, true},
	} {
		w := &Walk{MaxDrop: 1}
		var targets []float64
		for {
			target, more := w.Next()
			if !more {
				break
			}
			p := &Point{Candidate: Candidate{Share: target}, Target: target, Drop: 100 * (dense - value)}
			if target < c.least {
				p.Drop = 2 - target
			}
			targets, w.Points = append(targets, target), append(w.Points, p)
		}
		w.Settle()
		if !slices.Equal(targets, c.targets) || w.Kept.Target != c.kept || w.Reached != c.reached {
			t.Errorf("%s: walks %v, keeps %g, reached %v; want %v, %g, %v", c.name, targets, w.Kept.Target, w.Reached, c.targets, c.kept, c.reached)
		}
	}
}

func TestWalkSays(t *testing.T) {
	w := &Walk{MaxDrop: 1, Choose: 50, Points: []*Point{
		{Candidate: Candidate{Name: "geometric", Keep: []int{3, 1}, Share: 0.5}, Drop: 3, Dir: "a"},
		{Candidate: Candidate{Name: "pkd-2", Student: "pkd-2", Share: 0.7}, Drop: 2, Dir: "b"}}}
	if !w.Tried(&Candidate{Name: "other", Keep: []int{3, 1}}) || w.Tried(&Candidate{Keep: []int{3, 2}}) || w.Tried(&Candidate{}) {
		t.Error("what has been tried is not known")
	}
	w.Settle()
	if got, want := w.Verdict(), "no model was found that loses at most 1 points; the nearest is in b: pkd-2 at 0.700 of the multiply-adds loses 2.00 points on the 50 examples that choose; "+
		"allow more with --max-drop, or ask for a price with --speedup"; got != want {
		t.Errorf("says\n%s\nwant\n%s", got, want)
	}
	w.MaxDrop, w.Kept = 4, nil
	w.Settle()
	if got, want := w.Verdict(), "at most 4 points lost: geometric [3 1] at 0.500 of the multiply-adds loses 3.00 points on the 50 examples that choose"; got != want {
		t.Errorf("says\n%s\nwant\n%s", got, want)
	}
}

// Two models that disagree on 87 of 872 rows: 2.1 points.
func TestError(t *testing.T) {
	if got := Error(872); math.Abs(got-2.099) > 1e-3 {
		t.Errorf("%v points", got)
	}
}

package retention

import (
	"math"
	"slices"
	"testing"
)

// weighing is a cost as encoders have it: of what enters and what stays, of an input of
// n word-vectors.
func weighing(n int) func(keep []int) float64 {
	dense := 0.0
	cost := func(keep []int) float64 {
		in, sum := n, 0.0
		for _, l := range keep {
			l = min(l, in)
			sum += 3*float64(in) + 0.1*float64(in*in) + 9*float64(l)
			in = l
		}
		return sum
	}
	dense = cost(slices.Repeat([]int{n}, 6))
	return func(keep []int) float64 { return cost(keep) / dense }
}

func TestGeometric(t *testing.T) {
	if got := Geometric(3, 40, 0.5); !slices.Equal(got, []float64{20, 10, 5}) {
		t.Errorf("got %v", got)
	}
}

func TestScaled(t *testing.T) {
	if got := Scaled([]float64{30, 8, 1}, 40, 1.5); !slices.Equal(got, []float64{40, 12, 1.5}) {
		t.Errorf("got %v", got)
	}
}

// Any budget above the least is met from below, and one more word-vector anywhere would
// be too much.
func TestMeet(t *testing.T) {
	const length, encoders = 40, 6
	cost := weighing(length)
	families := map[string]func(x float64) []float64{
		"geometric": func(x float64) []float64 { return Geometric(encoders, length, x) },
		"masses":    func(x float64) []float64 { return Scaled([]float64{33.4, 21.9, 20.2, 7.7, 7.1, 1.2}, length, x*40) },
	}
	for name, at := range families {
		for _, budget := range []float64{0.2, 0.25, 0.33, 0.4, 0.5, 0.77, 0.999, 1} {
			keep, ok := Meet(budget, length, at, cost)
			if !ok || cost(keep) > budget {
				t.Fatalf("%s, budget %v: %v costs %v", name, budget, keep, cost(keep))
			}
			above := length
			for j, l := range keep {
				if l < 1 || l > above {
					t.Errorf("%s, budget %v: %v rises or holds nothing", name, budget, keep)
				}
				more := slices.Clone(keep)
				if more[j]++; more[j] <= above && cost(more) <= budget {
					t.Errorf("%s, budget %v: %v (%v) could keep one more in encoder %d (%v)", name, budget, keep, cost(keep), j+1, cost(more))
				}
				above = l
			}
		}
	}
	if keep, ok := Meet(0.01, length, families["geometric"], cost); ok {
		t.Errorf("a budget below one word-vector each is met by %v", keep)
	}
	if keep, _ := Meet(1, length, families["geometric"], cost); !slices.Equal(keep, slices.Repeat([]int{length}, encoders)) {
		t.Errorf("the whole cost keeps %v", keep)
	}
}

// The list keeps the proportions of its family: no encoder is further than one word-vector
// from it, but for what the last additions filled up.
func TestMeetIsInProportion(t *testing.T) {
	mass := []float64{36, 24, 16, 12, 6, 3}
	cost := weighing(40)
	keep, _ := Meet(0.4, 40, func(x float64) []float64 { return Scaled(mass, 40, 2*x) }, cost)
	factor := float64(keep[0]) / mass[0]
	for j, l := range keep {
		if math.Abs(float64(l)-factor*mass[j]) > 1.5 {
			t.Errorf("%v is not in proportion to %v", keep, mass)
		}
	}
}

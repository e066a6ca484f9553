package budget

import (
	"math"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/retention"
)

// six is six encoders of 100 word-vectors and 160 neurons: an encoder costs 1 for each
// word-vector that comes to it and 2 for each that goes on, with fewer neurons less of that.
func six(mass ...float64) *Field {
	whole := Shape{6, 160}
	cost := func(s Shape, keep []int) float64 {
		sum, in := 0.0, 100
		for j := range s.Encoders {
			out := in
			if len(keep) > 0 {
				out = keep[j]
			}
			sum, in = sum+float64(in)+2*float64(out)*float64(s.Neurons)/160, out
		}
		return sum
	}
	return &Field{Shape: whole, Length: 100, Mass: mass, Cost: func(s Shape, keep []int) float64 {
		return cost(s, keep) / cost(whole, nil)
	}}
}

// Every candidate costs the target from below, within what one word-vector costs; a student
// that costs less as it is removes nothing.
func TestCandidatesMeetATarget(t *testing.T) {
	const word = 3.0 / 1800 // of one more word-vector in one encoder, and in the next
	f := six(90, 80, 40, 20, 10, 10)
	for _, target := range []float64{0.2, 0.37, 0.4, 0.5, 0.66, 0.9} {
		names := f.Names(target)
		list := f.Candidates(names, target)
		if len(list) != len(names) {
			t.Errorf("%g: %d candidates of %v", target, len(list), names)
		}
		for _, c := range list {
			if c.Share > target || len(c.Keep) > 0 && c.Share < target-word-1e-9 {
				t.Errorf("%g: %v costs %v", target, &c, c.Share)
			}
			for j := 1; j < len(c.Keep); j++ {
				if c.Keep[j] > c.Keep[j-1] || c.Keep[j] < 1 {
					t.Errorf("%g: %v keeps more than comes to an encoder", target, &c)
				}
			}
		}
	}
	if c, ok := f.Candidate(retention.ListLearned, 0.5); !ok || c.Keep[0] < 2*c.Keep[3] || c.Student != "" {
		t.Errorf("the learned list is %v: it is not in proportion to the masses", &c)
	}
	for _, row := range []struct {
		last, target float64
		want         []int
	}{
		{10, 0.5, []int{98, 87, 43, 21, 11, 10}},
		{10, 0.66, []int{100, 100, 85, 42, 21, 21}},
		{0, 0.5, []int{100, 89, 44, 22, 11, 1}}, // the search left nothing to the last
	} {
		if c, ok := six(90, 80, 40, 20, 10, row.last).Candidate(retention.ListLearned, row.target); !ok || !slices.Equal(c.Keep, row.want) {
			t.Errorf("masses down to %g at %g: %v, want %v", row.last, row.target, c.Keep, row.want)
		}
	}
	if c, ok := f.Candidate("pkd-3", 0.5); !ok || c.Keep != nil || c.Share != 0.5 || c.Student != "pkd-3" {
		t.Errorf("three encoders of six at a half are %v, %v", &c, ok)
	}
	if c, ok := f.Candidate("pkd-4", 0.5); !ok || len(c.Keep) != 4 {
		t.Errorf("four encoders of six at a half are %v, %v", &c, ok)
	}
	for _, name := range []string{"pkd-6", "pkd-9"} {
		if c, ok := f.Candidate(name, 0.5); ok {
			t.Errorf("%v is no student of six", &c)
		}
	}
	if _, ok := f.Candidate(retention.ListGeometric, 0.05); ok {
		t.Error("less than a word-vector each is met")
	}
}

func TestNames(t *testing.T) {
	f := six()
	for target, want := range map[float64][]string{
		0.1:  {"geometric", "narrow", "distilbert-1", "distilbert-2"},
		0.4:  {"geometric", "narrow", "distilbert-2", "distilbert-3"},
		0.5:  {"geometric", "narrow", "distilbert-3", "distilbert-4"},
		0.7:  {"geometric", "narrow", "distilbert-4", "distilbert-5"},
		0.95: {"geometric", "narrow", "distilbert-5"},
	} {
		if got := f.Names(target); !slices.Equal(got, want) {
			t.Errorf("at %g compete %v, want %v", target, got, want)
		}
	}
	f.Encoders = 1
	if got := f.Names(0.5); !slices.Equal(got, []string{"geometric", "narrow"}) {
		t.Errorf("one encoder has the students %v", got)
	}
}

// No model competes twice, and what cannot meet the target is left out.
func TestCandidatesAreDifferent(t *testing.T) {
	f := six(100, 100, 100, 100, 100, 100)
	list := f.Candidates([]string{"pkd-2", "learned", "geometric", "distilbert-2", "pkd-6", "geometric"}, 0.4)
	var names []string
	for _, c := range list {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, []string{"pkd-2", "learned", "geometric", "distilbert-2"}) {
		t.Errorf("these compete: %v", names)
	}
}

// What is like a winner at another price is the same list there, or the student that is as
// much larger than the one that fits.
func TestLike(t *testing.T) {
	f := six(90, 80, 40, 20, 10, 10)
	for _, c := range []struct {
		winner      string
		won, target float64
		want        string
		removes     bool
	}{
		{"learned", 0.5, 0.3, "learned", true},
		{"distilbert-3", 0.5, 0.34, "distilbert-2", false},
		{"distilbert-4", 0.5, 0.34, "distilbert-3", true},
		{"pkd-5", 0.5, 0.9, "pkd-5", false},
		{"pkd-3", 0.5, 0.9, "pkd-5", false},
		{"distilbert-3", 0.5, 0.1, "distilbert-1", true},
		{"narrow", 0.5, 0.9, "narrow", false},
		{"narrow", 0.5, 0.3, "narrow", true},
	} {
		winner, ok := f.Candidate(c.winner, c.won)
		if !ok {
			t.Fatalf("%s does not meet %g", c.winner, c.won)
		}
		got, ok := f.Like(&winner, c.won, c.target)
		if !ok || got.Name != c.want || (len(got.Keep) > 0) != c.removes || got.Share > c.target {
			t.Errorf("%s at %g becomes %v at %g, %v; want %s", c.winner, c.won, &got, c.target, ok, c.want)
		}
	}
}

func TestLeast(t *testing.T) {
	f := six()
	if got, want := f.Least([]string{"learned", "pkd-9"}), (100+2+5*3)/1800.0; math.Abs(got-want) > 1e-12 {
		t.Errorf("the least is %v, want %v", got, want)
	}
	if got, want := f.Least([]string{"geometric", "pkd-2"}), (100+2+3)/1800.0; math.Abs(got-want) > 1e-12 {
		t.Errorf("with a student the least is %v, want %v", got, want)
	}
	if got, want := f.Least([]string{"geometric", "narrow"}), (100+5+6*2*0.2)/1800.0; math.Abs(got-want) > 1e-12 {
		t.Errorf("with fewer neurons the least is %v, want %v", got, want)
	}
	if got := f.Smallest([]string{"geometric", "narrow"}); got != (Shape{6, 32}) {
		t.Errorf("the smallest is %+v", got)
	}
	if got := f.Smallest([]string{"pkd-2", "narrow"}); got != (Shape{2, 160}) {
		t.Errorf("the smallest is %+v", got)
	}
}

// A narrow model has as many neurons as the target leaves, in steps of 16, and a sixth at
// least: where that costs more, word-vectors go, too.
func TestNarrow(t *testing.T) {
	f := six()
	for _, c := range []struct {
		target  float64
		student string
		share   float64 // 0: it eliminates
		line    string
	}{
		{0.99, "narrow-144", 2.8 / 3, "narrow (144 neurons) at 0.933 of the multiply-adds"},
		{0.8, "narrow-112", 0.8, ""},
		{0.7999, "narrow-96", 2.2 / 3, ""},
		{0.5, "narrow-32", 1.4 / 3, ""},
		{0.4, "narrow-32", 0, "narrow (32 neurons) [94 89 84 80 75 73] at 0.400 of the multiply-adds"},
	} {
		got, ok := f.Candidate("narrow", c.target)
		if !ok || got.Student != c.student || (c.share == 0) != (len(got.Keep) == 6) || c.share > 0 && math.Abs(got.Share-c.share) > 1e-12 {
			t.Errorf("at %g: %+v, %v; want %s at %g", c.target, got, ok, c.student, c.share)
		}
		if c.line != "" && got.String() != c.line {
			t.Errorf("at %g: %q, want %q", c.target, &got, c.line)
		}
	}
	if c, ok := f.Candidate("narrow", 0.02); ok {
		t.Errorf("%v meets less than a word-vector each", &c)
	}
	if c, ok := f.Candidate("narrow-64", 0.5); !ok || c.Student != "narrow-64" || len(c.Keep) != 6 || c.Share > 0.5 || c.Share < 0.495 {
		t.Errorf("64 neurons at a half are %+v, %v", c, ok)
	}
	for _, name := range []string{"narrow-160", "narrow-200"} {
		if c, ok := f.Candidate(name, 0.5); ok {
			t.Errorf("%v is no narrower", &c)
		}
	}
	family, err := f.Family("narrow-64", []float64{1, 0.5, 0.3})
	if err != nil || len(family) != 3 || !slices.Equal(family[0].Keep, slices.Repeat([]int{100}, 6)) || family[2].Keep[5] >= family[1].Keep[5] {
		t.Errorf("budgets of 64 neurons: %v, %v", family, err)
	}
	f.Neurons = 1536
	if got := f.narrow(0.1); got != "narrow-256" {
		t.Errorf("of 1536 neurons the least are %s", got)
	}
	f.Neurons = 16
	if c, ok := f.Candidate("narrow", 0.5); ok {
		t.Errorf("%v of 16 neurons", &c)
	}
	if names := f.Names(0.5); slices.Contains(names, "narrow") {
		t.Errorf("%v compete with 16 neurons", names)
	}
}

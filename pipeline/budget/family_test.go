package budget

import (
	"slices"
	"testing"

	"github.com/powerbert/powerbert/retention"
)

// every is the cost of six encoders as linear in what each keeps, with a floor.
func every(s Shape, keep []int) float64 {
	if keep == nil {
		return float64(s.Encoders) / 6
	}
	sum := 0.0
	for _, l := range keep {
		sum += 0.1 + 0.9*float64(l)/40
	}
	return sum / 6
}

// Each budget is met from below by the rule of the winner, the lists are nested, and one
// whole budget keeps everything.
func TestFieldFamily(t *testing.T) {
	f := &Field{Shape: Shape{Encoders: 6}, Length: 40, Mass: []float64{36, 24, 16, 12, 6, 3}, Cost: every}
	for _, of := range []string{retention.ListLearned, retention.ListGeometric, "pkd-4"} {
		family, err := f.Family(of, []float64{0.33, 1, 0.2, 0.5, 0.35})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(family.Shares(), []float64{1, 0.5, 0.35, 0.33, 0.2}) {
			t.Fatalf("%s: budgets %v", of, family.Shares())
		}
		for i, b := range family {
			encoders := 6
			if of == "pkd-4" {
				encoders = 4
			}
			if cost := f.Cost(Shape{Encoders: encoders}, b.Keep); len(b.Keep) != encoders || cost > b.Share || b.Share < 0.6 && cost < b.Share-0.05 {
				t.Errorf("%s at %g: %v costs %v", of, b.Share, b.Keep, cost)
			}
			for j := range b.Keep {
				if i > 0 && b.Keep[j] > family[i-1].Keep[j] {
					t.Errorf("%s: %v is not within %v", of, b.Keep, family[i-1].Keep)
				}
			}
		}
		if all := slices.Repeat([]int{40}, len(family[0].Keep)); !slices.Equal(family[0].Keep, all) {
			t.Errorf("%s: the whole cost keeps %v", of, family[0].Keep)
		}
	}
	learned, _ := f.Family(retention.ListLearned, []float64{0.5})
	if one, _ := f.Candidate(retention.ListLearned, 0.5); !slices.Equal(learned[0].Keep, one.Keep) {
		t.Errorf("one budget keeps %v, the candidate %v", learned[0].Keep, one.Keep)
	}
	// (0.1 + 0.9/40)·4/6 and ·6/6
	for of, want := range map[string]string{
		"pkd-4":                 "0.05 of the multiply-adds is too little: with a single word-vector an encoder pkd-4 still costs 0.082",
		retention.ListGeometric: "0.05 of the multiply-adds is too little: with a single word-vector an encoder geometric still costs 0.123",
	} {
		if _, err := f.Family(of, []float64{0.05, 0.5}); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", of, err, want)
		}
	}
}

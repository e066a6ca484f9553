package budget

import (
	"errors"
	"math"
	"testing"
)

// watch measures six, in which the whole takes 10 ms and every encoder costs 0.2 ms
// whatever it keeps.
func watch(f *Field) Stopwatch {
	return func(s Shape, keep []int) (float64, error) {
		return 0.2*float64(s.Encoders) + 8.8*f.Cost(s, keep), nil
	}
}

// What meets a price in time takes no more, and a hundredth of dense BERT's multiply-adds
// more would be too much; fewer encoders, whose overhead is less, may cost more of them.
func TestWithin(t *testing.T) {
	f := six(90, 80, 40, 20, 10, 10)
	took := watch(f)
	for _, most := range []float64{2, 4, 7.7} {
		list, err := f.Within([]string{"learned", "geometric", "pkd-5"}, most, took)
		if err != nil || len(list) != 3 {
			t.Fatalf("%g ms: %v, %v", most, list, err)
		}
		for i, c := range list {
			encoders := 6
			if i == 2 {
				encoders = 5
			}
			again, _ := took(Shape{encoders, f.Neurons}, c.Keep)
			if c.Took > most || c.Took != again || c.Took < most-8.8/100-8.8*3/1800 && len(c.Keep) > 0 {
				t.Errorf("%g ms: %v takes %g", most, &c, c.Took)
			}
		}
		if list[2].Share < list[1].Share+0.2/8.8-0.02 {
			t.Errorf("%g ms: %v costs no more than %v, which has one encoder more", most, &list[2], &list[1])
		}
	}
}

// A student that meets the time as it is removes nothing; where no name is given those
// compete that do at the price of the geometric list; what nothing meets has no candidate.
func TestWithinNames(t *testing.T) {
	f := six(90, 80, 40, 20, 10, 10)
	took := watch(f)
	list, err := f.Within([]string{"pkd-3"}, 5, took) // 0.6 + 4.4
	if err != nil || len(list) != 1 || list[0].Keep != nil || math.Abs(list[0].Took-5) > 1e-9 {
		t.Errorf("three encoders of six in 5 ms: %v, %v", list, err)
	}
	if list, err = f.Within(nil, 5, took); err != nil || len(list) < 3 || list[0].Name != "geometric" || list[1].Name != "narrow" || list[1].Took > 5 || list[2].Name != "distilbert-2" {
		t.Errorf("without names: %v, %v", list, err)
	}
	if list, err = f.Within([]string{"geometric"}, 1, took); err != nil || len(list) != 0 {
		t.Errorf("in 1 ms, where six encoders take 1.2 by themselves: %v, %v", list, err)
	}
	broken := errors.New("broken")
	if _, err = f.Within([]string{"geometric"}, 5, func(Shape, []int) (float64, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("a stopwatch that fails: %v", err)
	}
}

// A price in time is that of one batch of one length for the same candidates, whatever was
// measured for it.
func TestSamePrice(t *testing.T) {
	price := Latency{Milliseconds: 5, Batch: 8, Length: 128, Asked: []string{"learned"}}
	for _, row := range []struct {
		change func(l *Latency)
		same   bool
	}{
		{func(l *Latency) { l.Dense, l.Candidates = 9, []Candidate{{Name: "learned"}} }, true},
		{func(l *Latency) { l.Milliseconds = 6 }, false},
		{func(l *Latency) { l.Batch = 1 }, false},
		{func(l *Latency) { l.Length = 64 }, false},
		{func(l *Latency) { l.Asked = nil }, false},
	} {
		other := price
		if row.change(&other); price.Same(&other) != row.same {
			t.Errorf("%+v is the same as %+v: want %v", other, price, row.same)
		}
	}
}

package report

import (
	"reflect"
	"testing"
	"time"

	"github.com/powerbert/powerbert/data"
)

func TestPlanKeepsWithinTheBudget(t *testing.T) {
	for _, c := range []struct {
		name       string
		examples   int
		perExample float64 // milliseconds
		budget     time.Duration
		n, rounds  int
	}{
		{"fast: the most rounds", 256, 0.1, 10 * time.Second, 256, maxRounds},
		{"in between", 256, 5, 10 * time.Second, 256, 7},
		{"slow: fewer examples", 256, 50, 10 * time.Second, 66, 3},
		{"very slow: a batch", 256, 1000, 10 * time.Second, timedBatch, minRounds},
		{"few examples", 14, 1, time.Second, 14, maxRounds},
	} {
		n, rounds := plan(c.examples, timedBatch, c.perExample, c.budget)
		if n != c.n || rounds != c.rounds {
			t.Errorf("%s: %d examples, %d rounds, want %d, %d", c.name, n, rounds, c.n, c.rounds)
		}
	}
}

// ofLengths makes examples of so many pieces, labelled by their place.
func ofLengths(lengths ...int) []data.Encoded {
	var list []data.Encoded
	for i, n := range lengths {
		list = append(list, data.Encoded{IDs: make([]int32, n), Types: make([]int32, n), Label: i})
	}
	return list
}

func TestSpreadIsEvenOverLengths(t *testing.T) {
	examples := ofLengths(9, 2, 7, 4, 1, 8, 3, 6, 5)
	for n, want := range map[int][]int{1: {8}, 3: {1, 5, 8}, 9: {0, 1, 2, 3, 4, 5, 6, 7, 8}, 20: {0, 1, 2, 3, 4, 5, 6, 7, 8}} {
		var got []int
		for _, e := range spread(examples, n) {
			got = append(got, e.Label)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d of the examples: %v, want %v", n, got, want)
		}
	}
	if got := data.MeanLength(spread(examples, 3)); got != 5 {
		t.Errorf("mean length %v of the chosen, want 5 as of all", got)
	}
}

func TestEvenly(t *testing.T) {
	list := []int{10, 11, 12, 13, 14, 15, 16}
	for n, want := range map[int][]int{2: {11, 15}, 3: {11, 13, 15}, 7: list, 9: list} {
		if got := evenly(list, n); !reflect.DeepEqual(got, want) {
			t.Errorf("%d: %v, want %v", n, got, want)
		}
	}
}

package data

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

func TestOrderIsAPermutation(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 17, 1001} {
		order := Order(n, 5, 2)
		slices.Sort(order)
		for i, v := range order {
			if i != v {
				t.Fatalf("n %d: place %d of the sorted order is %d", n, i, v)
			}
		}
		if len(order) != n {
			t.Errorf("n %d: got %d", n, len(order))
		}
	}
}

// The orders of earlier runs must not change: resuming relies on them. The
// values are what Order gave when it was written.
func TestOrderStaysTheSame(t *testing.T) {
	tests := []struct {
		n     int
		seed  uint64
		epoch int
		want  []int
	}{
		{8, 1, 0, []int{0, 3, 1, 2, 4, 6, 5, 7}},
		{8, 1, 1, []int{5, 3, 6, 2, 1, 4, 0, 7}},
		{8, 2, 0, []int{6, 5, 4, 2, 1, 3, 0, 7}},
	}
	for _, test := range tests {
		if got := Order(test.n, test.seed, test.epoch); !reflect.DeepEqual(got, test.want) {
			t.Errorf("Order(%d, %d, %d) = %#v, want %v", test.n, test.seed, test.epoch, got, test.want)
		}
	}
}

// Every value is equally often at every place: 6000 orders of 5 give 1200 each
// with a standard deviation of 31.
func TestOrderIsUniform(t *testing.T) {
	var counts [5][5]int
	for epoch := range 6000 {
		for place, value := range Order(5, 3, epoch) {
			counts[place][value]++
		}
	}
	for place, row := range counts {
		for value, count := range row {
			if math.Abs(float64(count-1200)) > 5*31 {
				t.Errorf("value %d is %d times at place %d, want about 1200", value, count, place)
			}
		}
	}
}

// A bound just over half of the range makes every other draw a rejected one.
func TestBelowIsUnbiased(t *testing.T) {
	source := rand.NewPCG(1, 1)
	const bound = 1<<63 + 1
	low := 0
	for range 10000 {
		hi := uint64(below(source, bound))
		if hi >= bound {
			t.Fatalf("drew %d", hi)
		}
		if hi < bound/2 {
			low++
		}
	}
	if low < 4700 || low > 5300 {
		t.Errorf("%d of 10000 draws are in the lower half", low)
	}
}

// Numbers are drawn evenly, from first to last.
func TestSpread(t *testing.T) {
	for _, c := range []struct {
		n, most int
		want    []int
	}{{3, 5, []int{0, 1, 2}}, {10, 4, []int{0, 2, 5, 7}}, {0, 4, []int{}}} {
		if got := Spread(c.n, c.most); !slices.Equal(got, c.want) {
			t.Errorf("of %d at most %d: %v, want %v", c.n, c.most, got, c.want)
		}
	}
}

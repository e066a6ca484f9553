package data

import (
	"fmt"
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

// A bound just over half of the range makes every other draw a rejected one; of one of three
// quarters every fourth, without which every third number would be drawn twice as often.
func TestBelowIsUnbiased(t *testing.T) {
	source := rand.NewPCG(1, 1)
	for _, bound := range []uint64{1<<63 + 1, 3 << 62} {
		low, third := 0, 0
		for range 10000 {
			hi := uint64(below(source, bound))
			if hi >= bound {
				t.Fatalf("drew %d", hi)
			}
			if hi < bound/2 {
				low++
			}
			if hi%3 == 0 {
				third++
			}
		}
		if low < 4700 || low > 5300 || third < 3100 || third > 3600 {
			t.Errorf("below %d: %d of 10000 draws are in the lower half, %d are multiples of 3", bound, low, third)
		}
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

// Every group is drawn as often, the one that comes once more in turns; of a group none
// comes again before all have; each epoch has another order, and again the same.
func TestBalanced(t *testing.T) {
	var set []Encoded
	for i := range 40 {
		set = append(set, Encoded{Label: []int{0, 0, 0, 2, 0, 0, 0, 3}[i%8]}) // 30, 0, 5, 5
	}
	groups := Groups(set, 4)
	if len(groups) != 3 || len(groups[0]) != 30 || !slices.Equal(groups[1], []int{3, 11, 19, 27, 35}) {
		t.Fatalf("groups %v", groups)
	}
	more := map[int]int{}
	common := map[int]bool{}
	for epoch := range 6 {
		order := Balanced(groups, 40, 7, epoch)
		if len(order) != 40 || !slices.Equal(order, Balanced(groups, 40, 7, epoch)) || slices.Equal(order, Balanced(groups, 40, 7, epoch+1)) || slices.Equal(order, Balanced(groups, 40, 8, epoch)) {
			t.Errorf("epoch %d has the order %v", epoch, order)
		}
		counts, times := map[int]int{}, map[int]int{}
		for _, i := range order {
			counts[set[i].Label]++
			times[i]++
			common[i] = true
		}
		for _, label := range []int{0, 2, 3} {
			if n := counts[label]; n != 13 && n != 14 {
				t.Errorf("epoch %d sees label %d %d times, want 13 or 14", epoch, label, n)
			} else if n == 14 {
				more[label]++
			}
		}
		for i, n := range times {
			if group := set[i].Label; group == 0 && n != 1 || group > 0 && (n < 2 || n > 3) {
				t.Errorf("epoch %d sees example %d of label %d %d times", epoch, i, group, n)
			}
		}
	}
	if more[0] != 2 || more[2] != 2 || more[3] != 2 || len(common) < 36 {
		t.Errorf("labels come once more %v times, %d examples are seen", more, len(common))
	}
}

// An example of several labels, or of probabilities of a half and more, is of each group, and
// one without of the last.
func TestGroupsOfLabelsByThemselves(t *testing.T) {
	set := []Encoded{{Targets: []float64{1, 1, 0}}, {Targets: []float64{0, 0.49, 0}}, {Targets: []float64{0.2, 0.6, 0.5}}}
	if got := fmt.Sprint(Groups(set, 3)); got != "[[0] [0 2] [2] [1]]" {
		t.Errorf("groups %s", got)
	}
}

package mistakes

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

func TestPairs(t *testing.T) {
	got := Pairs([]string{"a", "b", "c"}, [][]int{{5, 1, 3}, {3, 0, 0}, {0, 2, 8}})
	want := []Confused{{"a", "c", 3, 9, 3. / 9}, {"b", "a", 3, 3, 1}, {"c", "b", 2, 10, 0.2}, {"a", "b", 1, 9, 1. / 9}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("pairs %+v, want %+v", got, want)
	}
	if got := Pairs([]string{"a"}, [][]int{{7}}); got != nil {
		t.Errorf("pairs %+v of what is all right", got)
	}
}

// Chains are turned where that brings the two labels nearer, and only there; a label in the
// middle is as near either way.
func TestJoin(t *testing.T) {
	for _, c := range []struct {
		left  []int
		a     int
		right []int
		b     int
		want  []int
	}{
		{[]int{1, 2, 3}, 3, []int{4, 5, 6}, 4, []int{1, 2, 3, 4, 5, 6}}, {[]int{1, 2, 3}, 1, []int{4, 5, 6}, 6, []int{3, 2, 1, 6, 5, 4}},
		{[]int{1, 2, 3}, 2, []int{4, 5, 6}, 5, []int{1, 2, 3, 4, 5, 6}}, {[]int{1, 2}, 1, []int{3, 4}, 4, []int{2, 1, 4, 3}},
		{[]int{1, 2, 3, 4}, 2, []int{5, 6, 7, 8}, 7, []int{4, 3, 2, 1, 8, 7, 6, 5}}, {[]int{1, 2, 3, 4}, 3, []int{5, 6, 7, 8}, 6, []int{1, 2, 3, 4, 5, 6, 7, 8}},
	} {
		if got := join(slices.Clone(c.left), c.a, slices.Clone(c.right), c.b); !slices.Equal(got, c.want) {
			t.Errorf("%v at %d and %v at %d: %v, want %v", c.left, c.a, c.right, c.b, got, c.want)
		}
	}
}

// Forty labels in groups of four, spread over the order of the labels, come to lie group by
// group; every label stays there once.
func TestOrderPutsConfusedLabelsTogether(t *testing.T) {
	const labels, groups = 40, 10
	source := rand.New(rand.NewPCG(3, 4))
	of := make([]int, labels) // group of each label
	for i := range of {
		of[i] = i % groups
	}
	confusion := make([][]int, labels)
	for i := range confusion {
		confusion[i] = make([]int, labels)
		for k := range confusion[i] {
			switch {
			case i == k:
				confusion[i][k] = 50
			case of[i] == of[k]:
				confusion[i][k] = 5 + source.IntN(5)
			default:
				confusion[i][k] = source.IntN(2)
			}
		}
	}
	order := Order(confusion)
	if sorted := slices.Sorted(slices.Values(order)); len(sorted) != labels || sorted[0] != 0 || sorted[labels-1] != labels-1 || len(slices.Compact(sorted)) != labels {
		t.Fatalf("order %v", order)
	}
	changes := 0
	for i := range order[1:] {
		if of[order[i]] != of[order[i+1]] {
			changes++
		}
	}
	if changes != groups-1 {
		t.Errorf("%d changes between groups along %v, want %d", changes, order, groups-1)
	}
}

// The two that are confused lie side by side when chains are joined: 0 1 and 2 3 by 0 and 3.
func TestOrderTurnsChains(t *testing.T) {
	got := Order([][]int{{1, 9, 0, 4}, {9, 1, 0, 0}, {0, 0, 1, 9}, {4, 0, 9, 1}})
	if want := []int{1, 0, 3, 2}; !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
	if got := Order([][]int{{4, 0, 1}, {0, 4, 0}, {0, 0, 4}}); !slices.Equal(got, []int{0, 2, 1}) {
		t.Errorf("order %v, want the two beside each other that are confused once", got)
	}
	if got := Order([][]int{{4, 0, 0}, {0, 4, 0}, {0, 0, 4}}); !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("order %v of what is never confused, want that of the labels", got)
	}
}

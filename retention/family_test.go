package retention

import (
	"errors"
	"reflect"
	"slices"
	"testing"
)

// three is a family whose middle list, as it is made, keeps more in its second encoder than
// the largest.
func three(t *testing.T) Family {
	t.Helper()
	lists := map[float64][]int{0.5: {20, 8, 4}, 0.33: {12, 9, 1}, 0.2: {6, 3, 1}}
	f, err := NewFamily([]float64{0.33, 0.5, 0.2}, func(share float64) ([]int, error) { return lists[share], nil })
	if err != nil {
		t.Fatal(err)
	}
	if lists[0.33][1] != 9 {
		t.Error("the list that was handed over has changed")
	}
	return f
}

// The largest budget comes first, and no smaller one keeps more anywhere.
func TestFamilyIsNested(t *testing.T) {
	if f, want := three(t), (Family{{0.5, []int{20, 8, 4}}, {0.33, []int{12, 8, 1}}, {0.2, []int{6, 3, 1}}}); !reflect.DeepEqual(f, want) {
		t.Errorf("got %v, want %v", f, want)
	}
	if got := three(t).Shares(); !slices.Equal(got, []float64{0.5, 0.33, 0.2}) {
		t.Errorf("the shares are %v", got)
	}
	dear := errors.New("too dear")
	if _, err := NewFamily([]float64{1}, func(float64) ([]int, error) { return nil, dear }); err != dear {
		t.Errorf("error %v, want that of the list", err)
	}
}

// A budget that is asked for has the largest that costs no more, and one below all has none.
func TestWithin(t *testing.T) {
	for asked, want := range map[float64]float64{1: 0.5, 0.5: 0.5, 0.4999: 0.33, 0.33: 0.33, 0.21: 0.2, 0.2: 0.2, 0.19: 0} {
		if got, ok := three(t).Within(asked); got.Share != want || ok != (want > 0) {
			t.Errorf("for %v there is %v, %v, want %v", asked, got, ok, want)
		}
	}
}

// Lists has each list once, the largest first.
func TestLists(t *testing.T) {
	all, some := []int{9, 9}, []int{5, 2}
	for _, c := range []struct {
		f    Family
		want [][]int
	}{
		{three(t), [][]int{{20, 8, 4}, {12, 8, 1}, {6, 3, 1}}},
		{Family{{0.5, all}, {0.4, slices.Clone(all)}, {0.3, some}}, [][]int{all, some}},
		{Family{{0.5, all}, {0.4, all}}, [][]int{all}},
		{nil, nil},
	} {
		if got := c.f.Lists(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: got %v, want %v", c.f, got, c.want)
		}
	}
}

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

// Between goes from the smallest list to the largest by way of the middle one. At 0.415, a
// half of the way from 0.33 to 0.5, it is (20+12)/2, 8, and ⌊(4+1)/2⌋.
func TestBetween(t *testing.T) {
	f := three(t)
	for _, c := range []struct {
		share float64
		want  []int
	}{{0.2, []int{6, 3, 1}}, {0.265, []int{9, 5, 1}}, {0.33, []int{12, 8, 1}}, {0.415, []int{16, 8, 2}}, {0.5, []int{20, 8, 4}}} {
		if got := f.Between((c.share-0.2)/0.3 + 1e-12); !slices.Equal(got, c.want) {
			t.Errorf("at %v between keeps %v, want %v", c.share, got, c.want)
		}
	}
	if got := f[:1].Between(0.7); !slices.Equal(got, f[0].Keep) {
		t.Errorf("of one budget between keeps %v", got)
	}
	f[2].Keep[0] = 99
	if got := f.Between(0); got[0] != 99 {
		t.Errorf("below all, between keeps %v, want the smallest list", got)
	}
	f.Between(0)[0] = 1
	if f[2].Keep[0] != 99 {
		t.Error("what between returns is the family's own")
	}
}

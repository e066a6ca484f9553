package metric

import (
	"math"
	"slices"
	"testing"
)

func TestRangeOf(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   Range
	}{
		{[]float64{4}, Range{4, 4, 4}},
		{[]float64{5, 1, 2}, Range{2, 1, 5}},
		{[]float64{8, 1, 2, 4}, Range{3, 1, 8}},
	} {
		if got := RangeOf(c.values); got != c.want {
			t.Errorf("range of %v is %+v, want %+v", c.values, got, c.want)
		}
	}
}

func TestRangesCompared(t *testing.T) {
	slow, fast := Range{8, 6, 12}, Range{4, 3, 5}
	if got, want := slow.Over(fast), (Range{2, 1.2, 4}); got != want {
		t.Errorf("%v over %v is %v, want %v", slow, fast, got, want)
	}
	if got, want := slow.Times(0.5), (Range{4, 3, 6}); got != want {
		t.Errorf("half of %v is %v, want %v", slow, got, want)
	}
	for value, want := range map[float64]bool{2.9: false, 3: true, 4: true, 5: true, 5.1: false} {
		if got := fast.Holds(value); got != want {
			t.Errorf("%v holds %v: %v, want %v", fast, value, got, want)
		}
	}
	if got := Ratios([]float64{6, 9, 1}, []float64{2, 3, 4}); !slices.Equal(got, []float64{3, 3, 0.25}) {
		t.Errorf("ratios %v, want 3, 3, 0.25", got)
	}
}

func TestRangeInWords(t *testing.T) {
	for digits, want := range []string{"2 [1–7]", "2.5 [1.2–7.0]"} {
		if got := (Range{2.46, 1.24, 7.04}).Text(digits); got != want {
			t.Errorf("with %d digits: %q, want %q", digits, got, want)
		}
	}
}

func TestSpreadOf(t *testing.T) {
	got := SpreadOf([]float64{1, 2, 6})
	if want := (Spread{3, math.Sqrt(7), 1, 6, 3}); math.Abs(got.SD-want.SD) > 1e-12 || got.Mean != want.Mean || got.Min != want.Min || got.Max != want.Max || got.N != want.N {
		t.Errorf("spread of 1, 2, 6 is %+v, want %+v", got, want)
	}
	if got.Text("%.1f", 10) != "30.0 ± 26.5" || SpreadOf([]float64{7}).Text("%.1f", 1) != "7.0" {
		t.Errorf("in words: %q, %q", got.Text("%.1f", 10), SpreadOf([]float64{7}).Text("%.1f", 1))
	}
}

func TestPercentile(t *testing.T) {
	ten := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for _, c := range []struct{ n, percent, want int }{
		{10, 0, 1}, {10, 1, 1}, {10, 10, 1}, {10, 11, 2}, {10, 50, 5}, {10, 51, 6}, {10, 95, 10}, {10, 100, 10}, {9, 50, 5}, {1, 99, 1},
	} {
		if got := Percentile(ten[:c.n], c.percent); got != c.want {
			t.Errorf("percentile %d of 1 to %d is %d, want %d", c.percent, c.n, got, c.want)
		}
	}
}

package metric

import (
	"math"
	"sync/atomic"
	"testing"
)

// The four examples of Newcombe 1998 (Statistics in Medicine 17, table I, method 3), to four
// digits as printed there.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		right, n  int
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		got := Wilson(c.right, c.n)
		if math.Abs(got.Low-c.low) > 5e-5 || math.Abs(got.High-c.high) > 5e-5 || got.Method != MethodWilson {
			t.Errorf("%d of %d: %+v, want %v to %v", c.right, c.n, got, c.low, c.high)
		}
	}
	if got := Wilson(20, 20); got.High > 1 || math.Abs(got.Low-(1-0.1611)) > 5e-5 {
		t.Errorf("all of 20: %+v, want the mirror image of none", got)
	}
	if got := Wilson(0, 0); got.Low != 0 || got.High != 1 {
		t.Errorf("of nothing: %+v, want 0 to 1", got)
	}
}

// The mean of n numbers has an interval of about 1.96 standard errors, on both sides; draws
// are the same every time.
func TestBootstrap(t *testing.T) {
	const n = 400
	mean := func(drawn []int) float64 {
		sum := 0.0
		for _, i := range drawn {
			sum += float64(i%2) / float64(len(drawn)) // half of them are 1
		}
		return sum
	}
	got := Bootstrap(n, mean)
	half := 1.96 * math.Sqrt(0.25/n)
	if math.Abs(got.Low-(0.5-half)) > 0.006 || math.Abs(got.High-(0.5+half)) > 0.006 || got.Method != MethodBootstrap {
		t.Errorf("%+v, want 0.5 ± %.4f", got, half)
	}
	if again := Bootstrap(n, mean); again != got {
		t.Errorf("%+v, and then %+v", got, again)
	}
	if !got.Holds(got.Low) || !got.Holds(got.High) || got.Holds(got.High+1e-9) || got.Holds(got.Low-1e-9) {
		t.Errorf("what %+v holds", got)
	}
}

// The ends leave 25 of 1000 draws out on either side.
func TestBootstrapPercentiles(t *testing.T) {
	var k atomic.Int64
	if got := Bootstrap(1, func([]int) float64 { return float64(k.Add(1)) }); got.Low != 25 || got.High != 976 {
		t.Errorf("of 1 to 1000: %+v, want 25 to 976", got)
	}
}

// Five probabilities by hand; equal ones are said together, and the curve ends where nothing
// is said.
func TestThresholds(t *testing.T) {
	p, gold := []float64{0.1, 0.5, 0.5, 0.7, 0.2}, []bool{false, true, false, true, true}
	got := Thresholds(p, gold, 5)
	want := []Threshold{{0, 3. / 5, 1, 5}, {0.25, 2. / 3, 2. / 3, 3}, {0.5, 2. / 3, 2. / 3, 3}}
	if len(got) != len(want) {
		t.Fatalf("%+v, want %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("at %g: %+v, want %+v", want[i].At, got[i], want[i])
		}
	}
	if got := Thresholds([]float64{1}, []bool{true}, 3); len(got) != 3 || got[2] != (Threshold{1, 1, 1, 1}) {
		t.Errorf("a sure label: %+v, want three points, the last at 1", got)
	}
	if got := Thresholds(p, make([]bool, 5), 5); got != nil {
		t.Errorf("of a label that no example has: %+v", got)
	}
}

// Half widths of 3 and 4 make 5 of the sum of two figures, and 2.5 of their mean.
func TestPooled(t *testing.T) {
	mean, got := Pooled([]float64{2, 18}, []Interval{{Low: -1, High: 5}, {Low: 96, High: 104}})
	if mean != 10 || math.Abs(got.Low-7.5) > 1e-12 || math.Abs(got.High-12.5) > 1e-12 {
		t.Errorf("pooled %v, %+v, want 10, 7.5 to 12.5", mean, got)
	}
}

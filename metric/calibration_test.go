package metric

import (
	"fmt"
	"math"
	"testing"
)

// Seven predictions worked out by hand in five bins of a fifth. A confidence at an edge
// belongs to the bin below it.
//
//	bin          confidences      right   |accuracy − confidence| · n
//	(0.4, 0.6]   0.5, 0.6         0 of 2  |0 − 0.55| · 2   = 1.1
//	(0.6, 0.8]   0.7, 0.7, 0.8    2 of 3  |2/3 − 2.2/3| · 3 = 0.2
//	(0.8, 1]     0.9, 1           2 of 2  |1 − 0.95| · 2   = 0.1
func TestReliability(t *testing.T) {
	confidence := []float64{0.5, 0.9, 0.7, 1, 0.8, 0.6, 0.7}
	right := []bool{false, true, true, true, false, false, true}
	bins := Reliability(confidence, right, 5)
	var got string
	for _, b := range bins {
		got += fmt.Sprintf("%.1f–%.1f %d %.4f %.4f\n", b.From, b.To, b.Examples, b.Confidence, b.Accuracy)
	}
	want := `0.0–0.2 0 0.0000 0.0000
0.2–0.4 0 0.0000 0.0000
0.4–0.6 2 0.5500 0.0000
0.6–0.8 3 0.7333 0.6667
0.8–1.0 2 0.9500 1.0000
`
	if got != want {
		t.Errorf("bins\n%swant\n%s", got, want)
	}
	if got, want := ECE(bins), 1.4/7; math.Abs(got-want) > 1e-12 {
		t.Errorf("ECE %v, want %v", got, want)
	}
	if got := ECE(Reliability(nil, nil, 3)); got != 0 {
		t.Errorf("ECE of nothing is %v, want 0", got)
	}
	if b := Reliability([]float64{0}, []bool{true}, 4)[0]; b.Examples != 1 || b.Accuracy != 1 {
		t.Errorf("the first bin has %+v, want the one of confidence 0", b)
	}
}

// By hand: (0.3² + 0.1² + 0.2²) and (1 + 0.25² + 0.75²), halved.
func TestBrier(t *testing.T) {
	got := Brier([][]float64{{0.7, 0.1, 0.2}, {0, 0.25, 0.75}}, []int{0, 0})
	if want := (0.14 + 1.625) / 2; math.Abs(got-want) > 1e-12 {
		t.Errorf("Brier %v, want %v", got, want)
	}
}

// Five answers; two are as sure as one another, so no share of the examples parts them.
func TestCoverageRisk(t *testing.T) {
	confidence := []float64{0.6, 0.9, 0.8, 0.8, 0.5}
	right := []bool{false, true, false, true, true}
	if got, want := Abstaining(confidence, right, 0.8), (Coverage{0.8, 0.6, 1. / 3}); got != want {
		t.Errorf("abstaining below 0.8: %v, want %v", got, want)
	}
	if got, want := Abstaining(confidence, right, 0.95), (Coverage{0.95, 0, 0}); got != want {
		t.Errorf("abstaining below 0.95: %v, want %v", got, want)
	}
	got := fmt.Sprintf("%.3f", CoverageRisk(confidence, right, 5))
	if want := "[{0.900 0.200 0.000} {0.800 0.600 0.333} {0.600 0.800 0.500} {0.500 1.000 0.400}]"; got != want {
		t.Errorf("curve %s, want %s", got, want)
	}
	// Two points: three examples, of which no fewer are half, and all.
	got = fmt.Sprintf("%.3f", CoverageRisk(confidence, right, 2))
	if want := "[{0.800 0.600 0.333} {0.500 1.000 0.400}]"; got != want {
		t.Errorf("two points: %s, want %s", got, want)
	}
	// Half of three examples is two.
	got = fmt.Sprintf("%.3f", CoverageRisk([]float64{0.9, 0.8, 0.7}, []bool{true, false, true}, 2))
	if want := "[{0.800 0.667 0.500} {0.700 1.000 0.333}]"; got != want {
		t.Errorf("two points of three examples: %s, want %s", got, want)
	}
	if got := CoverageRisk(nil, nil, 5); got != nil {
		t.Errorf("curve of nothing: %v, want none", got)
	}
}

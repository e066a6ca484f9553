package problem

import (
	"math"
	"testing"
)

// Windows whose labels have the probabilities 0.9 and 0.1, and 0.4 and 0.6: the mean is
// 0.65 and 0.35; the largest are 0.9 and 0.6, of their sum 0.6 and 0.4. Constants that a
// window's logits have in common say nothing.
func TestJoinedWindows(t *testing.T) {
	log := func(p float64, shift float64) float32 { return float32(math.Log(p) + shift) }
	one := [][]float32{{log(0.9, 5), log(0.1, 5)}, {log(0.4, -3), log(0.6, -3)}}
	alone := [][]float32{{logitOf(0.9), logitOf(0.2)}, {logitOf(0.4), logitOf(0.4)}, {logitOf(0.2), logitOf(0.9)}}
	for _, row := range []struct {
		kind    Kind
		windows [][]float32
		join    string
		want    []float64
	}{
		{Classification, one, JoinMean, []float64{0.65, 0.35}}, {Classification, one, JoinMax, []float64{0.6, 0.4}},
		{MultiLabel, alone, JoinMean, []float64{0.5, 0.5}}, {MultiLabel, alone, JoinMax, []float64{0.9, 0.9}},
		{Regression, [][]float32{{1, -2}, {4, -5}}, JoinMean, []float64{2.5, -3.5}}, {Regression, [][]float32{{1, -2}, {4, -5}}, JoinMax, []float64{4, -2}},
	} {
		w := &Window{Join: row.join}
		said := row.kind.Decide([]string{"a", "b"}, nil, w.Joined(row.kind, row.windows)).numbers()
		for c, want := range row.want {
			if math.Abs(said[c]-want) > 1e-6 {
				t.Errorf("the %s of %s is %v, want %v", row.join, row.kind, said, row.want)
			}
		}
	}
}

// Of large logits nothing overflows, and equal windows say what one says.
func TestJoinedWindowsOfLargeLogits(t *testing.T) {
	for _, join := range Joins {
		w := &Window{Join: join}
		for _, kind := range []Kind{Classification, MultiLabel} {
			got := w.Joined(kind, [][]float32{{80, -80}, {80, -80}})
			p := kind.Decide([]string{"a", "b"}, nil, got).Probabilities
			if !(p[0] > 0.999) || !(p[1] < 1e-9) || math.IsInf(float64(got[1]), 0) || math.IsNaN(float64(got[0])) {
				t.Errorf("%s of %s: %v, %v", join, kind, got, p)
			}
		}
	}
}

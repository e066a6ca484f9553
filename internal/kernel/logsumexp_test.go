package kernel

import (
	"math"
	"testing"
)

func TestLogSumExp(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want float64
	}{
		{[]float64{0}, 0},
		{[]float64{1, 2, 3}, 3.4076059644443806}, // log(e + e² + e³)
		{[]float64{-1000, 1000, 1000}, 1000 + math.Ln2},
		{[]float64{-1e4, -1e4, -1e4}, -1e4 + math.Log(3)},
	} {
		if got := LogSumExp(c.x); math.Abs(got-c.want) > 1e-12*max(1, math.Abs(c.want)) {
			t.Errorf("LogSumExp(%v) is %v, want %v", c.x, got, c.want)
		}
	}
}

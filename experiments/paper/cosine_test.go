package paper

import (
	"math"
	"testing"
)

// Pair by pair, on what the model shows of each example alone.
func TestCosineIsOfAllPairs(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	r, c := stage1(t), figure(t, "cosine").Result.(*Cosine)
	width := r.Dense.Config.HiddenSize
	want := make([]float64, 4)
	for i := range r.Dev.Encoded {
		err := r.Dense.WordVectors(t.Context(), r.Dev.Encoded[i:i+1], func(j int, x []float32) {
			sum, pairs := 0.0, 0
			for a := 0; a < len(x); a += width {
				for b := 0; b < a; b += width {
					var ab, aa, bb float64
					for k := range width {
						va, vb := float64(x[a+k]), float64(x[b+k])
						ab, aa, bb = ab+va*vb, aa+va*va, bb+vb*vb
					}
					sum, pairs = sum+ab/math.Sqrt(aa*bb), pairs+1
				}
			}
			want[j] += sum / float64(pairs) / float64(len(r.Dev.Encoded))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for j, s := range c.Encoders {
		if math.Abs(s.Mean-want[j]) > 1e-5 || !(s.Deviation > 0 && s.Deviation < 1) {
			t.Errorf("encoder %d: similarity %+v, want the mean %v", j+1, s, want[j])
		}
	}
	if len(c.Encoders) != 4 {
		t.Errorf("%d encoders, want 4", len(c.Encoders))
	}
}

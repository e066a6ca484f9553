package metric

import (
	"math"
	"math/rand/v2"
	"testing"
)

// By hand: of 8 pairs (0,0)·3, (0,1)·1, (1,0)·1, (1,1)·3,
// I = 6/8·ln(3/8 / (1/2·1/2)) + 2/8·ln(1/8 / (1/2·1/2)) = 3/4·ln 3 − ln 2.
func TestMutualInformation(t *testing.T) {
	x, y := []int{0, 0, 0, 0, 1, 1, 1, 1}, []int{0, 0, 0, 1, 0, 1, 1, 1}
	near(t, "by hand", MutualInformation(x, y), 0.75*math.Log(3)-math.Ln2)
	near(t, "entropy of two halves", Entropy(x), math.Ln2)
	near(t, "entropy of a quarter", Entropy([]int{2, 0, 0, 0}), 0.25*math.Log(4)+0.75*math.Log(4./3))
	near(t, "labels of other names", MutualInformation(x, []int{5, 5, 5, 5, 3, 3, 3, 3}), math.Ln2)
	near(t, "of a constant", MutualInformation(x, make([]int, 8)), 0)
	near(t, "independent", MutualInformation([]int{0, 0, 1, 1}, []int{0, 1, 0, 1}), 0)
	near(t, "of nothing", MutualInformation(nil, nil), 0)
}

func TestMeanCosine(t *testing.T) {
	const rows, width = 7, 5
	random, x := rand.New(rand.NewPCG(1, 2)), make([]float32, rows*width)
	for i := range x {
		x[i] = float32(random.NormFloat64() + 0.3)
	}
	dot := func(i, j int) (sum float64) {
		for k := range width {
			sum += float64(x[i*width+k]) * float64(x[j*width+k])
		}
		return sum
	}
	want := 0.0
	for i := range rows {
		for j := range i {
			want += dot(i, j) / math.Sqrt(dot(i, i)*dot(j, j)) / (rows * (rows - 1) / 2)
		}
	}
	near(t, "pair by pair", MeanCosine(x, width), want)
	near(t, "of opposites", MeanCosine([]float32{1, 2, -2, -4}, 2), -1)
	near(t, "with a row of zeros", MeanCosine([]float32{1, 0, 2, 0, 0, 0}, 2), 1./3)
	near(t, "of one row", MeanCosine(x[:width], width), 0)
}

package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSignificanceSumsColumns(t *testing.T) {
	p := []float64{
		0.5, 0.3, 0.2,
		0.1, 0.6, 0.3,
		0.4, 0.4, 0.2,
	}
	for _, c := range []struct {
		voters     int
		noDiagonal bool
		want       []float64
	}{
		{3, false, []float64{1.0, 1.3, 0.7}},
		{2, false, []float64{0.6, 0.9, 0.5}},
		{3, true, []float64{0.5, 0.7, 0.5}},
	} {
		sig := make([]float64, 3)
		Significance(sig, p, 3, c.voters, c.noDiagonal)
		for i, v := range sig {
			if math.Abs(v-c.want[i]) > 1e-15 {
				t.Errorf("%d voters, noDiagonal %v: %v, want %v", c.voters, c.noDiagonal, sig, c.want)
			}
		}
	}
}

// The norms of two heads' values, which lie among other columns, weigh what each head
// gives; twin is the sum as it is written.
func TestValueSignificance(t *testing.T) {
	const n, d, ld = 5, 3, 7
	random := rand.New(rand.NewPCG(5, 1))
	draw := func(size int) []float64 {
		x := make([]float64, size)
		for i := range x {
			x[i] = random.NormFloat64()
		}
		return x
	}
	for _, voters := range []int{n, 2} {
		for _, noDiagonal := range []bool{false, true} {
			sig, want := make([]float64, n), make([]float64, n)
			for range 2 { // heads
				p, v := draw(n*n), draw((n-1)*ld+d)
				received := make([]float64, n)
				Significance(received, p, n, voters, noDiagonal)
				ValueSignificance(sig, received, v, d, ld)
				for w := range n {
					want[w] += twinVotes(p, w, n, voters, noDiagonal) * math.Sqrt(v[w*ld]*v[w*ld]+v[w*ld+1]*v[w*ld+1]+v[w*ld+2]*v[w*ld+2])
				}
			}
			for w := range want {
				if math.Abs(sig[w]-want[w]) > 1e-14 {
					t.Errorf("%d voters, noDiagonal %v: %v, want %v", voters, noDiagonal, sig, want)
				}
			}
		}
	}
}

// twinVotes is Σ_{q < voters} p[q, w], without q = w where noDiagonal.
func twinVotes(p []float64, w, n, voters int, noDiagonal bool) (sum float64) {
	for q := range voters {
		if q != w || !noDiagonal {
			sum += p[q*n+w]
		}
	}
	return sum
}

func TestOrderAndRanks(t *testing.T) {
	sig := []float64{0.2, 0.9, 0.5, 0.9, 0, 7}
	for _, c := range []struct {
		real        int
		clsFirst    bool
		dead        []bool
		order, rank []int32
	}{
		{6, false, nil, []int32{5, 1, 3, 2, 0, 4}, []int32{4, 1, 3, 2, 5, 0}},
		{5, false, nil, []int32{1, 3, 2, 0, 4, 5}, []int32{3, 0, 2, 1, 4, 5}}, // 5 is padding
		{6, true, nil, []int32{0, 5, 1, 3, 2, 4}, []int32{0, 2, 4, 3, 5, 1}},
		{6, false, []bool{true, false, false, true, false, true}, []int32{1, 2, 4, 0, 3, 5}, []int32{3, 0, 1, 4, 2, 5}},
		{5, false, []bool{false, true, false, false, false, true}, []int32{3, 2, 0, 4, 1, 5}, []int32{2, 4, 1, 0, 3, 5}},
		{6, true, []bool{true, true, true, true, true, true}, []int32{0, 1, 2, 3, 4, 5}, []int32{0, 1, 2, 3, 4, 5}},
	} {
		order, rank := make([]int32, 6), make([]int32, 6)
		Order(order, sig, c.dead, c.real, c.clsFirst)
		Ranks(rank, order)
		if !slices.Equal(order, c.order) || !slices.Equal(rank, c.rank) {
			t.Errorf("%d real, clsFirst %v, dead %v: order %v, rank %v, want %v, %v", c.real, c.clsFirst, c.dead, order, rank, c.order, c.rank)
		}
	}
}

func TestKeepHoldsCLSAndTheBest(t *testing.T) {
	for keep, want := range map[int][]int32{1: {0}, 2: {0, 4}, 3: {0, 2, 4}, 5: {0, 1, 2, 3, 4}, 9: {0, 1, 2, 3, 4}} {
		order := []int32{4, 2, 1, 0, 3}
		if got := Keep(order, keep); !slices.Equal(got, want) {
			t.Errorf("keep %d: %v, want %v", keep, got, want)
		}
	}
}

// Every rank of a sequence takes its share of r, and together they take all of
// it: Σ_k w_k = n·mass/N.
func TestRelativeRankWeights(t *testing.T) {
	r := []float64{1, 0.8, 0.6, 0.6, 0.1, 0.05, 0}
	mass := 0.0
	for _, v := range r {
		mass += v
	}
	for n := 1; n <= 9; n++ {
		w := make([]float64, n)
		RankWeights(w, r, true)
		sum := 0.0
		for _, v := range w {
			sum += v
		}
		if want := float64(n) * mass / float64(len(r)); math.Abs(sum-want) > 1e-12 {
			t.Errorf("%d word-vectors: weights sum to %g, want %g", n, sum, want)
		}
	}
	w := make([]float64, 2)
	RankWeights(w, []float64{1, 0.5, 0}, true) // [0, 1.5) and [1.5, 3)
	if math.Abs(w[0]-1.25/1.5) > 1e-15 || math.Abs(w[1]-0.25/1.5) > 1e-15 {
		t.Errorf("weights %v, want [%g %g]", w, 1.25/1.5, 0.25/1.5)
	}
}

// The gradient is the transpose of a linear map.
func TestRankWeightsGradIsTheTranspose(t *testing.T) {
	for _, relative := range []bool{false, true} {
		for n := 1; n <= 5; n++ {
			for k := range n {
				dw, dr := make([]float64, n), make([]float64, 5)
				dw[k] = 1
				RankWeightsGrad(dr, dw, relative)
				for i := range dr {
					r, w := make([]float64, 5), make([]float64, n)
					r[i] = 1
					RankWeights(w, r, relative)
					if w[k] != dr[i] {
						t.Errorf("n %d, relative %v: ∂w[%d]/∂r[%d] is %g forward, %g backward", n, relative, k, i, w[k], dr[i])
					}
				}
			}
		}
	}
}

func TestNotFinite(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want bool
	}{{nil, false}, {[]float64{1, -2}, false}, {[]float64{1, math.NaN()}, true}, {[]float64{math.Inf(-1)}, true}} {
		if got := NotFinite(c.x); got != c.want {
			t.Errorf("NotFinite(%v) is %v", c.x, got)
		}
	}
}

package arch

import (
	"math"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/retention"
)

// What is read of each encoder, and how many rows enter and leave it, of 12 rows of which
// 8 are real.
func TestRows(t *testing.T) {
	bert, guesses := odd(DefaultBERT()), masked(t, odd(DefaultBERT()))
	keep := func(e retention.Elimination, l ...int) retention.Elimination {
		e.Keep, e.Length = l, 9
		return e
	}
	soft := retention.Elimination{Soft: true, Length: 12}
	head := retention.Configuration{MaxLength: 9, Strategy: retention.StrategyHead}
	for name, c := range map[string]struct {
		config Config
		pass   Pass
		want   []Rows
	}{
		"dense":       {bert, Pass{}, []Rows{{12, 12, ReadAll}, {12, 12, ReadAll}, {12, 1, ReadCLS}}},
		"dense, full": {bert, Pass{Full: true}, []Rows{{12, 12, ReadAll}, {12, 12, ReadAll}, {12, 12, ReadAll}}},
		"masked":      {guesses, Pass{Train: true}, []Rows{{12, 12, ReadAll}, {12, 12, ReadAll}, {12, 12, ReadAll}}},
		"hard":        {bert, Pass{Elimination: keep(retention.Elimination{}, 7, 20, 5)}, []Rows{{12, 7, ReadAll}, {7, 7, ReadAll}, {7, 1, ReadCLS}}},
		"hard, full":  {bert, Pass{Elimination: keep(retention.Elimination{}, 7, 6, 5), Full: true}, []Rows{{12, 7, ReadAll}, {7, 6, ReadAll}, {6, 5, ReadAll}}},
		// ⌈8·7/9⌉ and ⌈8·3/9⌉
		"relative": {bert, Pass{Elimination: keep(retention.Elimination{Relative: true}, 7, 3, 2)}, []Rows{{12, 7, ReadAll}, {7, 3, ReadAll}, {3, 1, ReadCLS}}},
		"drawn":    {bert, Pass{Elimination: keep(retention.Elimination{Draw: head.Draw(20)}, 9, 4, 2)}, []Rows{{12, 9, ReadAll}, {9, 4, ReadAll}, {4, 1, ReadCLS}}},
		// of the first 7, 5 and 3 positions drawn, those below 12
		"drawn at random": {bert, Pass{Elimination: keep(retention.Elimination{Draw: retention.NewDraw([]int32{0, 19, 11, 5, 18, 9, 10, 1, 2, 3, 4, 6, 7, 8, 12, 13, 14, 15, 16, 17})}, 7, 5, 3)},
			[]Rows{{12, 5, ReadAll}, {5, 3, ReadAll}, {3, 1, ReadCLS}}},
		"soft":       {bert, Pass{Elimination: soft}, []Rows{{12, 12, ReadAll}, {12, 12, ReadAll}, {12, 1, RankCLS}}},
		"soft, full": {bert, Pass{Elimination: soft, Full: true}, []Rows{{12, 12, ReadAll}, {12, 12, ReadAll}, {12, 12, ReadAll}}},
	} {
		n := c.config.Net()
		if got := n.Rows(&c.pass, 12, 8); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		for j, want := range c.want {
			if got := n.Reading(&c.pass, j); got != want.Reading {
				t.Errorf("%s: of encoder %d %v is read, want %v", name, j+1, got, want.Reading)
			}
		}
	}
}

// The multiply-adds as they are written: H 15, F 22, from 12 rows to 7 to 4 in three
// encoders.
func TestCost(t *testing.T) {
	const h, f = 15, 22
	early := func(n, l int) int { return 3*n*h*h + n*n*h + l*n*h + l*h*h + 2*l*h*f }
	last := func(n int) int { return (2*n+1)*h*h + 2*n*h + h*h + 2*h*f }
	hard := retention.Elimination{Keep: []int{7, 4, 2}, Length: 12}
	soft := retention.Elimination{Soft: true, Length: 12}
	dense := retention.Elimination{}
	bert, albert, guesses := odd(DefaultBERT()), odd(DefaultALBERT()), masked(t, odd(DefaultBERT()))
	for _, c := range []struct {
		name   string
		config Config
		e      retention.Elimination
		want   int
	}{
		{"dense", bert, dense, 2*early(12, 12) + last(12)},
		{"hard", bert, hard, early(12, 7) + early(7, 4) + last(4)},
		{"soft", bert, soft, 2*early(12, 12) + early(12, 1)},
		{"masked", guesses, dense, 3 * early(12, 12)},
		{"ALBERT", albert, hard, 12*7*h + early(12, 7) + early(7, 4) + last(4)},
	} {
		if got := c.config.Net().Cost(&c.e, 12, 12); got != c.want {
			t.Errorf("%s: %d multiply-adds, want %d", c.name, got, c.want)
		}
	}
}

// The mean over lengths, padded or not.
func TestMeanCost(t *testing.T) {
	c := odd(DefaultBERT())
	n, lengths := c.Net(), []int{3, 12, 8}
	hard := retention.Elimination{Keep: []int{7, 4, 2}, Length: 12}
	for padTo, rows := range map[int][]int{0: {3, 12, 8}, 9: {9, 12, 9}} {
		want := 0.0
		for i, r := range rows {
			want += float64(n.Cost(&hard, r, lengths[i])) / 3
		}
		if got := n.MeanCost(&hard, lengths, padTo); math.Abs(got-want) > 1e-9*want {
			t.Errorf("padded to %d: %v, want %v", padTo, got, want)
		}
	}
}

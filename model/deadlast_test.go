package model

import (
	"fmt"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/retention"
)

// fading is r of four encoders that leaves nothing of the word-vectors from rank 7 on in
// the first, next to nothing of rank 6, and in the third nothing from rank 4 on.
func fading() []float64 {
	r := slices.Repeat([]float64{1}, 4*identityN)
	for k := range identityN {
		r[k] = 1 - float64(k)/20
		r[identityN+k], r[2*identityN+k] = 0.9, 0.8
		switch {
		case k > 6:
			r[k] = 0
		case k == 6:
			r[k] = 0.9e-3
		case k == 5:
			r[k] = retention.DeadBelow
		}
		if k >= 4 {
			r[2*identityN+k] = 0
		}
	}
	return r
}

// fadingNet is identityNet with that r.
func fadingNet(t *testing.T, e retention.Elimination, padTo int) *Net[float64] {
	t.Helper()
	e.Soft, e.Length = true, identityN
	n := identityNet(t, Use{Train: true, Elimination: e}, padTo)
	copy(n.soft.R, fading())
	if err := n.Forward(); err != nil {
		t.Fatal(err)
	}
	return n
}

// livingRanks are the ranks of a sequence by the definition: live word-vectors by their
// scores, then dead ones by position.
func livingRanks(sig []float64, dead []bool, clsFirst bool) (rank []int32) {
	before := func(a, b int) bool {
		switch {
		case clsFirst && (a == 0 || b == 0):
			return a == 0
		case dead[a] != dead[b]:
			return dead[b]
		case !dead[a] && sig[a] != sig[b]:
			return sig[a] > sig[b]
		}
		return a < b
	}
	for w := range sig {
		k := int32(0)
		for other := range sig {
			if other != w && before(other, w) {
				k++
			}
		}
		rank = append(rank, k)
	}
	return rank
}

// weightOf is the weight of a rank among n word-vectors: r's there, or its mean over the
// rank's share.
func weightOf(r []float64, rank, n int, relative bool) (sum float64) {
	if !relative {
		return r[rank]
	}
	const fine = 1000 // steps of an interval, each inside one of r
	for i := range fine * n {
		at := (float64(rank) + (float64(i)+0.5)/(fine*float64(n))) * float64(len(r)) / float64(n)
		sum += r[int(at)] / (fine * float64(n))
	}
	return sum
}

// In every encoder the word-vectors that the r of an earlier one has all but removed rank
// behind the live ones; without that some rank before them.
func TestTheDeadRankLast(t *testing.T) {
	for _, e := range []retention.Elimination{{DeadLast: true}, {DeadLast: true, ProtectCLS: true}, {DeadLast: true, Relative: true},
		{DeadLast: true, Score: retention.ScoreValue}, {}} {
		overtaken := 0
		n := fadingNet(t, e, 0)
		dead := make([]bool, n.Batch.Rows())
		for j, enc := range n.Encoders {
			sel := enc.Selection
			for s := range sel.In.Sequences() {
				from, to, _ := sel.In.Bounds(s)
				overtaken += outranked(sel.Rank[from:to], dead[from:to])
				if want := livingRanks(sel.Sig[from:to], dead[from:to], e.ProtectCLS); e.DeadLast && !slices.Equal(sel.Rank[from:to], want) {
					t.Errorf("%+v: encoder %d ranks sequence %d %v, want %v (dead: %v)", e, j+1, s, sel.Rank[from:to], want, dead[from:to])
				}
			}
			die(dead, sel, n.soft.Encoder(j), e.Relative)
		}
		if (overtaken > 0) == e.DeadLast {
			t.Errorf("%+v: dead word-vectors outrank live ones %d times", e, overtaken)
		}
	}
}

// outranked counts the pairs of a live word-vector and a dead one that ranks before it.
func outranked(rank []int32, dead []bool) (pairs int) {
	for a := range rank {
		for b := range rank {
			if dead[a] && !dead[b] && rank[a] < rank[b] {
				pairs++
			}
		}
	}
	return pairs
}

// die marks the word-vectors that an encoder's r leaves next to nothing of.
func die(dead []bool, sel *ops.Selection[float64], r []float64, relative bool) {
	for s := range sel.In.Sequences() {
		from, to, _ := sel.In.Bounds(s)
		for i := from; i < to; i++ {
			dead[i] = dead[i] || weightOf(r, int(sel.Rank[i]), to-from, relative) < retention.DeadBelow-1e-12
		}
	}
}

// While nothing is dead the ranks are those of their scores, and padding changes nothing
// where something is.
func TestDeadLastIsOfTheDeadAlone(t *testing.T) {
	plain, last := retention.Elimination{Soft: true, Length: identityN}, retention.Elimination{Soft: true, Length: identityN, DeadLast: true}
	wantSame(t, "r ≡ 1", logits(identityNet(t, Use{Elimination: last}, 0)), logits(identityNet(t, Use{Elimination: plain}, 0)), 0)
	for _, relative := range []bool{false, true} {
		e := retention.Elimination{DeadLast: true, Relative: relative}
		packed, padded := fadingNet(t, e, 0), fadingNet(t, e, identityN)
		wantSame(t, fmt.Sprintf("padded, relative %v", relative), logits(padded), logits(packed), 1e-12)
	}
}

// No gradient flows through the ranking: that of every parameter is the difference
// quotient of a network in which some are dead.
func TestGradientsWithTheDeadLast(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, relative := range []bool{false, true} {
		n := fadingNet(t, retention.Elimination{DeadLast: true, Relative: relative, Lambda: 0.1}, 0)
		matchDifferences(t, n, n.params)
	}
}

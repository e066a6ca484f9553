package layers

import (
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/internal/ops"
	"github.com/powerbert/powerbert/retention"
)

// Dense is the selection of a BERT encoder: every word-vector goes on.
func Dense[T kernel.Float](in *ops.Layout) *ops.Selection[T] {
	return &ops.Selection[T]{Pick: ops.PickAll, In: in}
}

// Extract is the selection of a hard extract layer: [CLS] and the keep−1 most
// significant other word-vectors of each sequence go on, in their original order
// (Goyal et al. 2020, section 3.2). A sequence that has fewer keeps all.
func Extract[T kernel.Float](in *ops.Layout, scoring retention.Scoring) *ops.Selection[T] {
	return &ops.Selection[T]{Pick: ops.PickTop, In: in, Scoring: scoring}
}

// Drawn is the selection of a hard extract layer that keeps what scoring.Draw
// fixes instead of the most significant: Head-WS and Rand-WS
// (Goyal et al. 2020, section 4.4).
func Drawn[T kernel.Float](in *ops.Layout, scoring retention.Scoring) *ops.Selection[T] {
	return &ops.Selection[T]{Pick: ops.PickDrawn, In: in, Scoring: scoring}
}

// LeaveOneOut is the selection of an encoder that removes one word-vector of each
// sequence alone: the k-th most significant beside [CLS] by a score, k from 1, to learn
// what it is worth (Goyal et al. 2020, section 3.2, figure 3). A sequence that has no
// k-th keeps all.
func LeaveOneOut[T kernel.Float](in *ops.Layout, k int, score string) *ops.Selection[T] {
	return &ops.Selection[T]{Pick: ops.PickLeaveOneOut, In: in, Scoring: retention.Scoring{Drop: k, Score: score, ProtectCLS: true}}
}

// Rank is the selection under a soft extract layer: all word-vectors go on, each
// with its rank. Those that the soft extract layers up to earlier, the selection of the
// encoder before, left next to nothing of (retention.DeadBelow) rank behind all others,
// lest they take a live one's weight; nil: they rank as any.
func Rank[T kernel.Float](in *ops.Layout, scoring retention.Scoring, earlier *ops.Selection[T]) *ops.Selection[T] {
	return &ops.Selection[T]{Pick: ops.PickRank, In: in, Scoring: scoring, Earlier: earlier}
}

// OnlyCLS is the selection of the last encoder under a head that reads [CLS]
// alone: whatever it kept besides could not change the result.
func OnlyCLS[T kernel.Float](in *ops.Layout) *ops.Selection[T] {
	return &ops.Selection[T]{Pick: ops.PickCLS, In: in}
}

// RankOnlyCLS is OnlyCLS under a soft extract layer, which wants the rank of [CLS]
// among all word-vectors, as Rank ranks them.
func RankOnlyCLS[T kernel.Float](in *ops.Layout, scoring retention.Scoring, earlier *ops.Selection[T]) *ops.Selection[T] {
	return &ops.Selection[T]{Pick: ops.PickRankCLS, In: in, Scoring: scoring, Earlier: earlier}
}

// SoftExtract scales each word-vector by the retention weight of its rank:
//
//	out[i,:] = r[rank_i]·y[i,:]        (Goyal et al. 2020, section 3.3)
//
// Shapes: y (l, H), r (N); out (l, H). rank is a constant: gradients flow to y
// and r only. It does not clip r; the optimiser projects r back to [0, 1] after
// every step.
func (b *Builder[T]) SoftExtract(y *ops.Node, sel *ops.Selection[T], r *ops.Node) *ops.Node {
	return b.node(func() (*ops.Node, error) { return ops.SoftExtract(sel, y, r) })
}

// First is the [CLS] word-vector of every sequence, its first row in l.
//
// Shapes: x (n, H); result (B, H).
func (b *Builder[T]) First(x *ops.Node, l *ops.Layout) *ops.Node {
	return b.node(func() (*ops.Node, error) { return ops.First[T](l, x) })
}

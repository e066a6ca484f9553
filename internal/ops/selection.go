package ops

import (
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/retention"
)

// Pick is what one encoder does with the significance of its word-vectors.
type Pick int

const (
	PickAll         Pick = iota // keeps every word-vector and scores none: BERT
	PickRank                    // keeps all and ranks them: soft extract
	PickTop                     // removes all but the most significant: hard extract
	PickDrawn                   // removes all but positions that Scoring.Draw fixes, unscored
	PickLeaveOneOut             // removes the word-vector of rank Scoring.Drop alone, if the sequence has it
	PickCLS                     // removes all but [CLS], unscored: the last encoder where the head reads nothing else
	PickRankCLS                 // ranks all and removes all but [CLS]: the same under soft extract
)

// Selection holds what one encoder's attention found out about the word-vectors
// of the batch at hand. The ops that follow it in the graph read it.
type Selection[T kernel.Float] struct {
	Pick    Pick
	Scoring retention.Scoring
	In      *Layout // of the word-vectors entering the encoder
	Sig     []T     // per entering row: its significance score
	Rank    []int32 // per entering row: its rank within its sequence, 0 = most significant
	Kept    []int32 // entering rows that go on, ascending
	// Earlier is the encoder before, under soft extraction where what it leaves next to
	// nothing of is to rank behind all others; else nil.
	Earlier *Selection[T]
	dead    []bool // per entering row: soft extraction here or earlier leaves next to nothing of it
	kept    Layout
	order   []int32
	votes   []T // (heads, rows): what each head gives each entering row, where values weigh it
}

// Removes tells whether rows are taken out.
func (s *Selection[T]) Removes() bool {
	return s.Pick == PickTop || s.Pick == PickDrawn || s.Pick == PickLeaveOneOut || s.OnlyCLS()
}

// OnlyCLS tells whether [CLS] alone goes on.
func (s *Selection[T]) OnlyCLS() bool { return s.Pick == PickCLS || s.Pick == PickRankCLS }

// Scores tells whether significance is computed.
func (s *Selection[T]) Scores() bool {
	return s.Pick == PickTop || s.Pick == PickRank || s.Pick == PickLeaveOneOut || s.Pick == PickRankCLS
}

// Out is the layout of the word-vectors that go on.
func (s *Selection[T]) Out() *Layout {
	if s.Removes() {
		return &s.kept
	}
	return s.In
}

// entered is the entering row that row i of those that go on was.
func (s *Selection[T]) entered(i int) int {
	if s.Removes() {
		return int(s.Kept[i])
	}
	return i
}

// reset begins a run over the rows of In with so many heads.
func (s *Selection[T]) reset(heads int) {
	n := s.In.Rows()
	s.Sig, s.Rank, s.order = kernel.Room(s.Sig, n), kernel.Room(s.Rank, n), kernel.Room(s.order, n)
	clear(s.Sig)
	if s.weighs() {
		s.votes = kernel.Room(s.votes, heads*n)
	}
	s.Kept = s.Kept[:0]
	s.kept.Reset()
}

// weighs tells whether values weigh what heads give.
func (s *Selection[T]) weighs() bool { return s.Scores() && s.Scoring.Score == retention.ScoreValue }

// receive notes what head h of sequence seq gives its word-vectors, while its p (rows, rows) is
// in the cache, where values will weigh it.
func (s *Selection[T]) receive(seq, h int, p []T) {
	if !s.weighs() {
		return
	}
	votes := s.votesOf(seq, h)
	clear(votes)
	s.count(seq, votes, p)
}

// votesOf is what head h of sequence seq gives each word-vector.
func (s *Selection[T]) votesOf(seq, h int) []T {
	from, to, _ := s.In.Bounds(seq)
	return s.votes[h*s.In.Rows():][from:to]
}

// count adds the attention of a head of sequence seq, p (rows, rows), to votes.
func (s *Selection[T]) count(seq int, votes, p []T) {
	voters := len(votes)
	if _, _, real := s.In.Bounds(seq); !s.Scoring.PadQueriesVote {
		voters = real
	}
	kernel.Significance(votes, p, len(votes), voters, s.Scoring.SubtractDiagonal)
}

// vote adds what head h of sequence seq, p (rows, rows), has given to the significance of its
// word-vectors, whose values in the head are v, d wide.
func (s *Selection[T]) vote(seq, h int, p []T, v kernel.Strided[T], d int) {
	from, to, _ := s.In.Bounds(seq)
	if s.weighs() {
		kernel.ValueSignificance(s.Sig[from:to], s.votesOf(seq, h), v.Data, d, v.LD)
		return
	}
	s.count(seq, s.Sig[from:to], p)
}

// bury notes the rows that soft extraction has all but removed, by the weights that it
// scales them with now; what was dead before stays so.
func (s *Selection[T]) bury(weight []T) {
	s.dead = kernel.Room(s.dead, len(weight))
	before := s.deadBefore(0, len(weight))
	for i, w := range weight {
		s.dead[i] = w < retention.DeadBelow || before != nil && before[i]
	}
}

// deadBefore tells of entering rows whether they were dead in an earlier encoder; nil
// where that does not count.
func (s *Selection[T]) deadBefore(from, to int) []bool {
	if s.Earlier == nil {
		return nil
	}
	return s.Earlier.dead[from:to]
}

// onlyCLS is the rows of a sequence that go on where [CLS] alone does.
var onlyCLS = []int32{0}

// choose ranks the word-vectors of sequence seq by their significance and
// decides which go on.
func (s *Selection[T]) choose(seq int) {
	from, to, real := s.In.Bounds(seq)
	length, order := s.In.Length[seq], s.order[from:to]
	if s.Scores() {
		kernel.Order(order, s.Sig[from:to], s.deadBefore(from, to), real, s.Pick != PickTop && s.Scoring.ProtectCLS)
		kernel.Ranks(s.Rank[from:to], order)
	}
	switch {
	case s.OnlyCLS():
		s.keep(from, real, onlyCLS, length)
	case s.Pick == PickDrawn:
		s.keep(from, real, s.draw(order[:0], from, to, length), length)
	case s.Pick == PickLeaveOneOut:
		s.keep(from, real, s.leaveOneOut(order, real), length)
	case s.Pick == PickTop:
		s.keep(from, real, kernel.Keep(order, s.Scoring.Rows(to-from, length)), length)
	}
}

// draw lists the rows of a sequence that its Draw keeps, counted from its first.
func (s *Selection[T]) draw(kept []int32, from, to, length int) []int32 {
	draws := s.Scoring.Draws(length)
	for i, p := range s.In.Positions[from:to] {
		if s.Scoring.Drawn(int(p), draws, length) {
			kept = append(kept, int32(i))
		}
	}
	return kept
}

// leaveOneOut lists the rows of a sequence but the one of rank Scoring.Drop, in the
// memory of their order. Padding is never removed.
func (s *Selection[T]) leaveOneOut(order []int32, real int) []int32 {
	gone := int32(-1)
	if k := s.Scoring.Drop; 0 < k && k < real {
		gone = order[k]
	}
	kept := order[:0]
	for row := range int32(len(order)) {
		if row != gone {
			kept = append(kept, row)
		}
	}
	return kept
}

// keep lets rows of a sequence go on, counted from its first, of which the first
// real ones are real.
func (s *Selection[T]) keep(from, real int, rows []int32, length int) {
	realKept := 0
	for _, w := range rows {
		s.Kept = append(s.Kept, int32(from)+w)
		s.kept.Positions = append(s.kept.Positions, s.In.Positions[from+int(w)])
		if int(w) < real {
			realKept++
		}
	}
	s.kept.end(realKept, length)
}

package retention

// Scoring says how word-vectors are scored and kept (Goyal et al. 2020,
// section 3.2). The zero value is the paper's choice with a retention of
// nothing.
type Scoring struct {
	Keep             int    // word-vectors kept, [CLS] among them
	Length           int    // N, the input length that Keep refers to
	Relative         bool   // keep ⌈n·Keep/N⌉ instead of Keep, n the real word-vectors at the first encoder
	Score            string // by which word-vectors are significant: one of Scores; "" is the first
	PadQueriesVote   bool   // attention paid by padding counts too
	SubtractDiagonal bool   // attention of a word-vector to itself does not count
	ProtectCLS       bool   // where all are ranked: [CLS] has rank 0
	Draw             *Draw  // what is kept instead of the most significant
	Drop             int    // rank of the one word-vector to remove, without Keep; 0: none, for rank 0 always stays
}

// Rows is how many of a sequence's rows go on; length is how many real
// word-vectors it had before any were removed. With a Draw, rows are those of the
// input, and a drawn position beyond its end counts as drawn: less than Keep go
// on. Relative counts are of the positions that an input has.
func (s *Scoring) Rows(rows, length int) int {
	switch {
	case s.Draw != nil && s.Relative:
		return s.Draw.below(s.Draws(length), length)
	case s.Draw != nil:
		return s.Draw.below(s.Keep, rows)
	}
	return min(s.count(length), rows)
}

// count is how many word-vectors a sequence keeps if it has them.
func (s *Scoring) count(length int) int {
	if s.Relative {
		return max((length*s.Keep+s.Length-1)/s.Length, 1)
	}
	return max(s.Keep, 1)
}

// Draws is how far the Draw goes for a sequence.
func (s *Scoring) Draws(length int) int {
	if s.Relative {
		return s.Draw.until(s.count(length), length)
	}
	return s.Keep
}

// Drawn tells whether the Draw keeps a position of a sequence.
func (s *Scoring) Drawn(position, draws, length int) bool {
	return int(s.Draw.place[position]) < draws && (position < length || !s.Relative)
}

package retention

// Elimination says how a network treats its word-vectors. The zero value is
// BERT: every encoder keeps them all.
type Elimination struct {
	Soft             bool    // soft extract by SoftExtract.R, nothing is removed
	Keep             []int   // hard extract: l_j per encoder; nil removes nothing
	Length           int     // N, which Keep and r refer to
	Relative         bool    // ranks relative to the real length of a sequence
	Score            string  // by which word-vectors are significant: one of Scores; "" is the first
	PadQueriesVote   bool    // attention paid by padding counts in the scores
	SubtractDiagonal bool    // attention of a word-vector to itself does not count
	ProtectCLS       bool    // soft extract: [CLS] has rank 0
	DeadLast         bool    // soft extract: what an earlier encoder left next to nothing of ranks last
	Lambda           float64 // soft extract: λ of the regulariser
	Draw             *Draw   // hard extract: fixed positions are kept; nil: the most significant
}

// Scoring is what encoder j (0-based) scores and keeps by.
func (e *Elimination) Scoring(j int) Scoring {
	s := Scoring{Length: e.Length, Relative: e.Relative, Score: e.Score,
		PadQueriesVote: e.PadQueriesVote, SubtractDiagonal: e.SubtractDiagonal, ProtectCLS: e.ProtectCLS, Draw: e.Draw}
	if e.Keep != nil {
		s.Keep = e.Keep[j]
	}
	return s
}

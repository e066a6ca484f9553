package tokenizer

// scratch holds the buffers of one Encode, so that a call allocates its result and
// little else.
type scratch struct {
	runes, spare []rune
	text, other  []byte // before and after a step
	cutStart     bool   // whether a step took the start of the text away

	now, next      division
	made           [2][]byte // texts that dividers made
	turn           int       // which of them came last
	prefixed       []byte
	matches, found []match

	paths     []bestPath // of Unigram, by where a path ends in a word
	cuts      []int32    // of Unigram: ids of a word, the last one first
	symbols   []symbol   // of BPE: a word as it is joined
	queue     mergeQueue
	character []byte
}

// fresh is the buffer for a text that a divider makes; the text before lies in the other.
func (s *scratch) fresh() []byte {
	s.turn = 1 - s.turn
	return s.made[s.turn][:0]
}

// keep returns the text, which fresh gave the beginning of, and keeps its buffer.
func (s *scratch) keep(text []byte) []byte {
	s.made[s.turn] = text
	return text
}

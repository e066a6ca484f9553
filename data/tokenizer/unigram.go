package tokenizer

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Unigram is a vocabulary of scored pieces, as SentencePiece learns it: a word is
// cut into the pieces whose scores add up to the most (Kudo 2018, arXiv 1804.10959).
// It is made by Load.
type Unigram struct {
	core
	scores   []float64 // by id
	pieces   *trie
	known    map[string]int32 // ids of the model's pieces
	least    float64          // score of an unknown character
	fallback []int32          // ids of the pieces <0x00> to <0xFF>; nil if unknown characters are not spelt in bytes
}

// unknownPenalty is how much worse than the worst piece an unknown character is.
const unknownPenalty = 10

// newUnigram makes the tokenizer of a file's content.
func newUnigram(t *tokenizerJSON, n specials) (*Unigram, error) {
	m := &t.Model
	switch {
	case !m.Vocab.scored:
		return nil, fmt.Errorf("model.vocab is not a list of pieces and their scores")
	case m.UnkID == nil:
		return nil, fmt.Errorf("model.unk_id is missing, want the id of the unknown piece")
	case *m.UnkID < 0 || *m.UnkID >= len(m.Vocab.pieces):
		return nil, fmt.Errorf("the unknown piece has id %d, want 0 to %d", *m.UnkID, len(m.Vocab.pieces)-1)
	}
	u := &Unigram{least: math.Inf(1), known: m.Vocab.ids()}
	pieces := make([]string, 0, len(m.Vocab.pieces))
	for _, e := range m.Vocab.pieces {
		u.scores = append(u.scores, e.score)
		u.least = min(u.least, e.score-unknownPenalty)
		pieces = append(pieces, e.piece)
	}
	u.pieces = newTrie(pieces)
	if value(m.ByteFallback, false) {
		u.fallback = bytePieces(u.known)
	}
	n.Unknown.Content = m.Vocab.pieces[*m.UnkID].piece
	u.core = newCore(u, t, int32(*m.UnkID))
	return u, u.assemble(n)
}

// bestPath is the best way to cut a word up to some place: its last piece.
type bestPath struct {
	score float64
	from  int // where the piece begins; -1: there is no way yet
	id    int32
}

// cut appends the pieces of the best cut of a word; of two that are equally good
// the one found first, with the pieces from left to right and the shorter ones
// first. Unknown characters in a row are one unknown piece.
func (u *Unigram) cut(s *scratch, ids []int32, word []byte) []int32 {
	paths := slices.Grow(s.paths[:0], len(word)+1)[:len(word)+1]
	for i := range paths {
		paths[i].from = -1
	}
	paths[0].score = 0
	for at := 0; at < len(word); {
		_, size := decodeRune(word[at:])
		if !u.extend(paths, word, at, size) {
			offer(paths, at, at+size, u.least, u.unknown)
		}
		at += size
	}
	s.paths = paths
	return u.trace(s, ids, word)
}

// extend offers every piece at a place of a word, and tells whether one is its first
// character alone, of so many bytes.
func (u *Unigram) extend(paths []bestPath, word []byte, at, size int) (single bool) {
	node := int32(0)
	for end := at; end < len(word); {
		if node = u.pieces.next(node, word[end]); node == 0 {
			break
		}
		end++
		if id := u.pieces.nodes[node].id; id >= 0 {
			offer(paths, at, end, u.scores[id], id)
			single = single || end == at+size
		}
	}
	return single
}

// offer makes a piece the last of the best way to its end, if it is better.
func offer(paths []bestPath, at, end int, score float64, id int32) {
	if score += paths[at].score; paths[end].from < 0 || score > paths[end].score {
		paths[end] = bestPath{score, at, id}
	}
}

// trace appends the ids of s.paths, from the end of the word back.
func (u *Unigram) trace(s *scratch, ids []int32, word []byte) []int32 {
	s.cuts = s.cuts[:0]
	for end := len(word); end > 0; {
		path := s.paths[end]
		start := path.from
		if path.id != u.unknown {
			s.cuts = append(s.cuts, path.id)
		} else {
			for start > 0 && s.paths[start].id == u.unknown {
				start = s.paths[start].from
			}
			s.cuts = u.unknowns(s.cuts, word[start:end])
		}
		end = start
	}
	for _, id := range slices.Backward(s.cuts) {
		ids = append(ids, id)
	}
	return ids
}

// unknowns appends, the last first, the ids of characters that are unknown one by one:
// that of a piece which they are together, of their bytes, or of the unknown piece.
func (u *Unigram) unknowns(cuts []int32, text []byte) []int32 {
	if id, ok := u.known[string(text)]; ok {
		return append(cuts, id)
	}
	mark := len(cuts)
	for i := len(text) - 1; i >= 0 && u.fallback != nil; i-- {
		if u.fallback[text[i]] < 0 {
			break
		}
		cuts = append(cuts, u.fallback[text[i]])
	}
	if len(cuts)-mark < len(text) {
		return append(cuts[:mark], u.unknown)
	}
	return cuts
}

// Continues reports whether a piece goes on with the word before it, as the unknown
// piece does: it stands for characters.
func (u *Unigram) Continues(id int32) bool {
	_, added := u.added[id]
	return id == u.unknown || !added && !strings.HasPrefix(u.Token(id), meta)
}

// Words groups the pieces of an encoding into words for display: a piece that
// begins with "▁" begins a word.
func (u *Unigram) Words(ids []int32) []Word {
	text := func(id int32) string { return strings.TrimPrefix(u.Token(id), meta) }
	return u.group(ids, u.Continues, text, text)
}

package tokenizer

import (
	"fmt"
)

// BPE is a vocabulary and the order in which a word's characters are joined to its
// pieces (Sennrich et al. 2016, arXiv 1508.07909), over bytes as in GPT-2 and RoBERTa, or
// over characters as in SentencePiece. It is made by Load.
type BPE struct {
	core
	vocab    map[string]int32 // of the model
	low      [512]int32       // ids of single characters; -1 if there is none
	ranks    map[uint64]int32 // of a pair of ids: its place in the list of merges
	joined   []int32          // ids, by rank
	whole    map[string]int32 // words that are joined to one piece
	fuse     bool             // unknown characters in a row are one piece
	ignore   bool             // a word that is a piece is not cut
	fallback []int32          // ids of the pieces <0x00> to <0xFF>; nil if unknown characters are not spelt in bytes
	prefix   string           // of characters that go on with a word
	suffix   string           // of the last character of a word
}

// newBPE makes the tokenizer of a file's content.
func newBPE(t *tokenizerJSON, n specials) (*BPE, error) {
	m := &t.Model
	if value(m.Dropout, 0) != 0 {
		return nil, fmt.Errorf("model.dropout is %g, want 0: the pieces of a word would be drawn by lot", *m.Dropout)
	}
	b := &BPE{vocab: m.Vocab.ids(), fuse: value(m.FuseUnk, false), ignore: value(m.IgnoreMerges, false),
		prefix: value(m.ContinuingSubwordPrefix, ""), suffix: value(m.EndOfWordSuffix, "")}
	unknown := int32(-1) // characters without a piece are dropped
	if m.UnkToken != nil {
		id, ok := b.vocab[*m.UnkToken]
		if !ok {
			return nil, fmt.Errorf("model.unk_token %q is not in model.vocab", *m.UnkToken)
		}
		unknown = id
	}
	if value(m.ByteFallback, false) {
		b.fallback = bytePieces(b.vocab)
	}
	if err := b.rank(m.Merges); err != nil {
		return nil, err
	}
	b.core = newCore(b, t, unknown)
	b.index()
	return b, b.assemble(n)
}

// bytePieces are the ids of <0x00> to <0xFF>; -1 is none.
func bytePieces(vocab map[string]int32) []int32 {
	ids := make([]int32, 256)
	for b := range ids {
		id, ok := vocab[fmt.Sprintf("<0x%02X>", b)]
		if !ok {
			id = -1
		}
		ids[b] = id
	}
	return ids
}

// pairKey is two neighbours as one number.
func pairKey(left, right int32) uint64 { return uint64(uint32(left))<<32 | uint64(uint32(right)) }

// rank notes the merges.
func (b *BPE) rank(list merges) error {
	b.ranks, b.joined = make(map[uint64]int32, len(list)), make([]int32, 0, len(list))
	for i, m := range list {
		left, ok1 := b.vocab[m[0]]
		right, ok2 := b.vocab[m[1]]
		if len(m[1]) < len(b.prefix) {
			ok2 = false
		}
		if !ok1 || !ok2 {
			return fmt.Errorf("merge %d joins %q and %q, which are not both in the vocabulary; vocabulary and merges do not belong together", i+1, m[0], m[1])
		}
		joined, ok := b.vocab[m[0]+m[1][len(b.prefix):]]
		if !ok {
			return fmt.Errorf("merge %d makes %q, which is not in the vocabulary; vocabulary and merges do not belong together", i+1, m[0]+m[1][len(b.prefix):])
		}
		b.ranks[pairKey(left, right)] = int32(i)
		b.joined = append(b.joined, joined)
	}
	return nil
}

// index prepares what spares most words the joining.
func (b *BPE) index() {
	for r := range b.low {
		b.low[r] = -1
		if id, ok := b.vocab[string(rune(r))]; ok {
			b.low[r] = id
		}
	}
	b.whole = make(map[string]int32, len(b.vocab))
	s := new(scratch)
	var ids []int32
	for piece, id := range b.vocab {
		if ids = b.join(s, ids[:0], []byte(piece)); b.ignore || len(ids) == 1 && ids[0] == id {
			b.whole[piece] = id
		}
	}
}

// cut appends the ids of a word.
func (b *BPE) cut(s *scratch, ids []int32, word []byte) []int32 {
	if id, ok := b.whole[string(word)]; ok {
		return append(ids, id)
	}
	return b.join(s, ids, word)
}

// join appends the ids of a word, joined from its characters.
func (b *BPE) join(s *scratch, ids []int32, word []byte) []int32 {
	b.spell(s, word)
	b.merge(s)
	for _, y := range s.symbols {
		if y.length > 0 {
			ids = append(ids, y.id)
		}
	}
	return ids
}

// spell fills s.symbols with the characters of a word.
func (b *BPE) spell(s *scratch, word []byte) {
	s.symbols = s.symbols[:0]
	unknown := int32(0) // bytes of an unknown piece that is not yet there
	for at := 0; at < len(word); {
		r, n := decodeRune(word[at:])
		id, known := b.character(s, r, word[at:at+n], at > 0, at+n == len(word))
		at += n
		switch {
		case known:
			unknown = s.flush(b.unknown, unknown)
			s.symbols = append(s.symbols, symbol{id: id, length: int32(n)})
		case b.spellBytes(s):
		case b.unknown >= 0:
			if !b.fuse {
				unknown = s.flush(b.unknown, unknown)
			}
			unknown += int32(n)
		}
	}
	s.flush(b.unknown, unknown)
}

// flush appends a piece of so many bytes, if there are any, and returns 0.
func (s *scratch) flush(id, length int32) int32 {
	if length > 0 {
		s.symbols = append(s.symbols, symbol{id: id, length: length})
	}
	return 0
}

// character is the id of a character; s.text keeps its text, with prefix and suffix.
func (b *BPE) character(s *scratch, r rune, text []byte, goesOn, last bool) (int32, bool) {
	if b.prefix == "" && b.suffix == "" {
		if int(r) < len(b.low) && b.low[r] >= 0 {
			return b.low[r], true
		}
		s.character = append(s.character[:0], text...)
	} else {
		s.character = s.character[:0]
		if goesOn {
			s.character = append(s.character, b.prefix...)
		}
		s.character = append(s.character, text...)
		if last {
			s.character = append(s.character, b.suffix...)
		}
	}
	id, ok := b.vocab[string(s.character)]
	return id, ok
}

// spellBytes appends the bytes of s.character as pieces, if there is one for each.
func (b *BPE) spellBytes(s *scratch) bool {
	if b.fallback == nil {
		return false
	}
	for _, c := range s.character {
		if b.fallback[c] < 0 {
			return false
		}
	}
	for _, c := range s.character {
		s.symbols = append(s.symbols, symbol{id: b.fallback[c], length: 1})
	}
	return true
}

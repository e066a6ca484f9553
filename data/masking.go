package data

import (
	"errors"
	"math"
	"math/rand/v2"

	"github.com/powerbert/powerbert/data/tokenizer"
)

// Masking is the corruption that masked-language modelling learns to undo
// (Devlin et al. 2019, section 3.1): of the tokens that are to be guessed, 8 in 10
// become [MASK], 1 in 10 any token, and 1 in 10 stays.
type Masking struct {
	Share   float64 // of the tokens that are not special
	Mask    int32   // the id of [MASK]
	Special []bool  // by id
}

// NewMasking prepares to have a share of the tokens guessed. It reports a
// vocabulary without [MASK].
func NewMasking(tok tokenizer.Tokenizer, share float64) (*Masking, error) {
	id, ok := Mask(tok)
	if !ok {
		return nil, errors.New("the vocabulary has no [MASK] or <mask>, which masked-language modelling needs")
	}
	m := &Masking{Share: share, Mask: id, Special: make([]bool, tok.Size())}
	for i := range m.Special {
		m.Special[i] = tok.Special(int32(i))
	}
	return m, nil
}

// Count is how many tokens of a sequence are to be guessed: the share of those that
// are not special, rounded, and at least one where there is one.
func (m *Masking) Count(ids []int32) int {
	n := 0
	for _, id := range ids {
		if !m.Special[id] {
			n++
		}
	}
	return m.count(n)
}

func (m *Masking) count(candidates int) int {
	return min(candidates, max(1, int(math.Round(m.Share*float64(candidates)))))
}

// Apply corrupts a sequence in place, as seed and its ids decide. It calls guess
// for each place to be guessed, in a random order, with the token that stood there.
func (m *Masking) Apply(ids []int32, seed uint64, guess func(at int, token int32)) {
	var places []int
	for i, id := range ids {
		if !m.Special[id] {
			places = append(places, i)
		}
	}
	source := rand.NewPCG(seed, golden64)
	for k := range m.count(len(places)) {
		j := k + below(source, uint64(len(places)-k))
		places[k], places[j] = places[j], places[k]
		at := places[k]
		guess(at, ids[at])
		switch below(source, 10) {
		case 0: // it stays
		case 1:
			ids[at] = int32(below(source, uint64(len(m.Special))))
		default:
			ids[at] = m.Mask
		}
	}
}

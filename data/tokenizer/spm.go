package tokenizer

import (
	"errors"
	"fmt"
	"math"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/rangetable"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/powerbert/powerbert/internal/wire"
)

// spm is a SentencePiece model, spiece.model: the fields of its ModelProto that a
// tokenizer depends on.
type spm struct {
	pieces   []spmPiece
	kind     uint64 // trainer_spec.model_type
	bytes    bool   // trainer_spec.byte_fallback
	suffix   bool   // trainer_spec.treat_whitespace_as_suffix
	unknown  uint64 // trainer_spec.unk_id
	charsmap []byte // normalizer_spec.precompiled_charsmap
	noPrefix bool   // not normalizer_spec.add_dummy_prefix
	spaces   bool   // not normalizer_spec.remove_extra_whitespaces
	content  []byte // all of it
}

// spmPiece is a piece, its score and its type.
type spmPiece struct {
	scored
	kind uint64
}

// The types of models and pieces that matter here; the first two are the defaults.
const (
	unigramKind = 1
	normalPiece = 1
	bpeKind     = 2
	control     = 3
	userDefined = 4
)

// errProto is all there is to say of bytes that are no message.
var errProto = errors.New("is no SentencePiece model, or it was cut short")

// readSPM reads the content of a spiece.model.
func readSPM(content []byte) (*spm, error) {
	m := &spm{kind: unigramKind}
	err := fields(content, func(number protowire.Number, v wire.Field) error {
		switch number {
		case 1:
			p, err := readPiece(v.Bytes)
			m.pieces = append(m.pieces, p)
			return err
		case 2:
			return fields(v.Bytes, m.trainer)
		case 3:
			return fields(v.Bytes, func(number protowire.Number, v wire.Field) error {
				switch number {
				case 2:
					m.charsmap = v.Bytes
				case 3:
					m.noPrefix = v.Number == 0
				case 4:
					m.spaces = v.Number == 0
				}
				return nil
			})
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case len(m.pieces) == 0:
		return nil, errProto
	case m.kind != unigramKind && m.kind != bpeKind:
		return nil, fmt.Errorf("model_type is %d, want a unigram model, 1, or BPE, 2", m.kind)
	case m.bytes && m.kind == unigramKind:
		return nil, errors.New("byte_fallback is true, want false")
	case m.suffix:
		return nil, errors.New("treat_whitespace_as_suffix is true, want false")
	}
	return m, nil
}

func (m *spm) trainer(number protowire.Number, v wire.Field) error {
	switch number {
	case 3:
		m.kind = v.Number
	case 24:
		m.suffix = v.Number != 0
	case 35:
		m.bytes = v.Number != 0
	case 40:
		m.unknown = v.Number
	}
	return nil
}

// readPiece reads a SentencePiece: its text, its score and its type.
func readPiece(content []byte) (p spmPiece, err error) {
	p.kind = normalPiece
	err = fields(content, func(number protowire.Number, v wire.Field) error {
		switch number {
		case 1:
			p.piece = string(v.Bytes)
		case 2:
			p.score = float64(math.Float32frombits(uint32(v.Number)))
		case 3:
			p.kind = v.Number
		}
		return nil
	})
	return p, err
}

// fields is wire.Fields of a SentencePiece model.
func fields(content []byte, use func(number protowire.Number, v wire.Field) error) error {
	err := wire.Fields(content, use)
	if errors.Is(err, wire.ErrMalformed) {
		return errProto
	}
	return err
}

// scored are the pieces with their scores.
func (m *spm) scored() []scored {
	list := make([]scored, len(m.pieces))
	for i, p := range m.pieces {
		list[i] = p.scored
	}
	return list
}

// albertScores are the scores by transformers' rule: a digit before a comma had
// better not be one piece with it.
func (m *spm) albertScores() []scored {
	vocab := m.scored()
	for i, p := range vocab {
		last, n := utf8.DecodeLastRuneInString(p.piece)
		before, _ := utf8.DecodeLastRuneInString(p.piece[:len(p.piece)-n])
		if last == ',' && isDigit(before) {
			vocab[i].score -= 100
		}
	}
	return vocab
}

// isDigit is Python's str.isdigit of a character: decimal digits, and those in
// circles, above and below the line and so on.
func isDigit(r rune) bool { return unicode.Is(unicode.Nd, r) || unicode.Is(otherDigits, r) }

var otherDigits = func() *unicode.RangeTable {
	var all []rune
	for _, r := range [][2]rune{{0xB2, 0xB3}, {0xB9, 0xB9}, {0x1369, 0x1371}, {0x19DA, 0x19DA}, {0x2070, 0x2070}, {0x2074, 0x2079}, {0x2080, 0x2089},
		{0x2460, 0x2468}, {0x2474, 0x247C}, {0x2488, 0x2490}, {0x24EA, 0x24EA}, {0x24F5, 0x24FD}, {0x24FF, 0x24FF}, {0x2776, 0x277E},
		{0x2780, 0x2788}, {0x278A, 0x2792}, {0x10A40, 0x10A43}, {0x10E60, 0x10E68}, {0x11052, 0x1105A}, {0x1F100, 0x1F10A}} {
		for c := r[0]; c <= r[1]; c++ {
			all = append(all, c)
		}
	}
	return rangetable.New(all...)
}()

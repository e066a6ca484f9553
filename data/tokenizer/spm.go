package tokenizer

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/rangetable"
	"google.golang.org/protobuf/encoding/protowire"
)

// spm is a SentencePiece model, spiece.model: the fields of its ModelProto that an
// ALBERT tokenizer depends on.
type spm struct {
	pieces   []scored
	kind     uint64 // trainer_spec.model_type
	bytes    bool   // trainer_spec.byte_fallback
	suffix   bool   // trainer_spec.treat_whitespace_as_suffix
	unknown  uint64 // trainer_spec.unk_id
	charsmap []byte // normalizer_spec.precompiled_charsmap
}

// unigramKind is the model_type of a unigram model, and the default.
const unigramKind = 1

// errProto is all there is to say of bytes that are no message.
var errProto = errors.New("is no SentencePiece model, or it was cut short")

// readSPM reads the content of a spiece.model.
func readSPM(content []byte) (*spm, error) {
	m := &spm{kind: unigramKind}
	err := fields(content, func(number protowire.Number, v field) error {
		switch number {
		case 1:
			p, err := readPiece(v.bytes)
			m.pieces = append(m.pieces, p)
			return err
		case 2:
			return fields(v.bytes, m.trainer)
		case 3:
			return fields(v.bytes, func(number protowire.Number, v field) error {
				if number == 2 {
					m.charsmap = v.bytes
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
	case m.kind != unigramKind:
		return nil, fmt.Errorf("model_type is %d, want a unigram model, 1", m.kind)
	case m.bytes:
		return nil, errors.New("byte_fallback is true, want false")
	case m.suffix:
		return nil, errors.New("treat_whitespace_as_suffix is true, want false")
	}
	return m, nil
}

func (m *spm) trainer(number protowire.Number, v field) error {
	switch number {
	case 3:
		m.kind = v.number
	case 24:
		m.suffix = v.number != 0
	case 35:
		m.bytes = v.number != 0
	case 40:
		m.unknown = v.number
	}
	return nil
}

// readPiece reads a SentencePiece: its text and its score.
func readPiece(content []byte) (p scored, err error) {
	err = fields(content, func(number protowire.Number, v field) error {
		switch number {
		case 1:
			p.piece = string(v.bytes)
		case 2:
			p.score = float64(math.Float32frombits(uint32(v.number)))
		}
		return nil
	})
	return p, err
}

// A field is the value of a field of a message: a number, or the bytes, which lie
// in the content, of a text or of another message.
type field struct {
	number uint64
	bytes  []byte
}

// fields calls use for each field of a message.
func fields(content []byte, use func(number protowire.Number, v field) error) error {
	for len(content) > 0 {
		number, kind, n := protowire.ConsumeTag(content)
		if n < 0 {
			return errProto
		}
		content = content[n:]
		var v field
		switch kind {
		case protowire.VarintType:
			v.number, n = protowire.ConsumeVarint(content)
		case protowire.Fixed32Type:
			var x uint32
			x, n = protowire.ConsumeFixed32(content)
			v.number = uint64(x)
		case protowire.BytesType:
			v.bytes, n = protowire.ConsumeBytes(content)
		default:
			n = protowire.ConsumeFieldValue(number, kind, content)
		}
		if n < 0 {
			return errProto
		}
		if err := use(number, v); err != nil {
			return err
		}
		content = content[n:]
	}
	return nil
}

// albertScores are the scores by transformers' rule: a digit before a comma had
// better not be one piece with it.
func (m *spm) albertScores() []scored {
	vocab := slices.Clone(m.pieces)
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

// loadSPM reads a spiece.model, to be used as the configuration beside it says.
// Its pieces are cut as in the tokenizer.json that is published with ALBERT: words
// end at white space, and what SentencePiece calls user-defined symbols are pieces
// like others.
func loadSPM(path string, c configJSON) (*Unigram, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	m, err := readSPM(content)
	if err != nil {
		return nil, &Error{File: path, Err: err}
	}
	added, err := c.added()
	if err != nil {
		return nil, &Error{File: filepath.Join(filepath.Dir(path), configName), Err: err}
	}
	u, err := newUnigram(m.albertScores(), unigramOptions{
		unknown: int(min(m.unknown, math.MaxInt32)), cls: string(c.CLS), sep: string(c.SEP), spaces: true, added: added,
		normalizer: albertSteps(!value(c.LowerCase, true), value(c.KeepAccents, false), m.charsmap),
	})
	if err != nil {
		return nil, &Error{File: path, Err: err}
	}
	u.original = content
	return u, nil
}

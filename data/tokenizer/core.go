package tokenizer

import (
	"slices"
	"sync"
)

// Tokenizer turns text into ids. It is safe for concurrent use.
type Tokenizer interface {
	// Encode returns text with the special tokens that the tokenizer puts around it,
	// [CLS] text [SEP] of BERT, at most maxLength ids (0: no limit).
	Encode(text string, maxLength int) Encoding
	// EncodePair returns two texts with their special tokens, [CLS] a [SEP] b [SEP] of
	// BERT, the longer text cut first.
	EncodePair(a, b string, maxLength int) Encoding
	// EncodeChoices returns what EncodePair does for each b of the options, but a is
	// cut first.
	EncodeChoices(a string, options []string, maxLength int) []Encoding
	// Pieces returns the ids of text alone.
	Pieces(text string) []int32

	Size() int                     // ids, which a model's embedding must have at least; Fits checks it
	Token(id int32) string         // the piece, "" if there is none
	ID(piece string) (int32, bool) // of a piece
	CLS() int32                    // the id before a text, [CLS] of BERT
	SEP() int32                    // the id after a text, [SEP] of BERT
	Pad() int32                    // the id of padding, 0 if there is none
	Special(id int32) bool         // whether the piece stands for no text
	Continues(id int32) bool       // whether the piece goes on with the word before it
	Words(ids []int32) []Word      // pieces grouped for display

	JSON() ([]byte, error) // as tokenizer.json
	Save(dir string) error // as Load reads it
	// SaveFor is Save that also says how many ids a text may have, so that transformers
	// cuts there if it is told to cut.
	SaveFor(dir string, maxLength int) error
}

// core is what tokenizers of every kind have in common: the parts of a tokenizer.json,
// as text passes through them.
type core struct {
	model model
	file  *tokenizerJSON // what the tokenizer was made of
	class string         // of transformers, which would make the same of that; "" if only tokenizer.json says it all
	names specials

	tokens []string // by id; "" where there is no piece
	ids    map[string]int32
	added  map[int32]AddedToken

	inRaw, inNormalized *matcher // added tokens by where they are looked for
	steps               []step
	dividers            []divider
	single, pair        template

	unknown  int32 // -1 if there is none
	cls, sep int32
	pool     *sync.Pool
}

// model cuts words into pieces.
type model interface {
	// cut appends the ids of a word, which is not empty.
	cut(s *scratch, ids []int32, word []byte) []int32
}

// newCore is the core of a model whose pieces t has, among them the unknown one (-1:
// none).
func newCore(m model, t *tokenizerJSON, unknown int32) core {
	return core{model: m, file: t, unknown: unknown, ids: make(map[string]int32, len(t.Model.Vocab.pieces)),
		added: make(map[int32]AddedToken, len(t.AddedTokens)), pool: &sync.Pool{New: func() any { return new(scratch) }}}
}

// Size is the number of ids, which a model's embedding must have at least.
func (c *core) Size() int { return len(c.tokens) }

// Token returns the piece with this id ("##ing"), or "" if there is none.
func (c *core) Token(id int32) string {
	if id < 0 || int(id) >= len(c.tokens) {
		return ""
	}
	return c.tokens[id]
}

// ID returns the id of a piece, and whether the vocabulary has it.
func (c *core) ID(piece string) (int32, bool) {
	id, ok := c.ids[piece]
	return id, ok
}

// CLS returns the id before a text.
func (c *core) CLS() int32 { return c.cls }

// SEP returns the id after a text.
func (c *core) SEP() int32 { return c.sep }

// Pad returns the id of the padding piece, or 0 if the vocabulary has none.
func (c *core) Pad() int32 {
	for _, name := range []string{c.names.Pad.Content, "[PAD]", "<pad>"} {
		if id, ok := c.ids[name]; ok && name != "" {
			return id
		}
	}
	return 0
}

// Special reports whether a piece stands for no text: [CLS], [SEP], [PAD],
// [MASK] or another special token, but not the unknown piece, which stands for a
// word.
func (c *core) Special(id int32) bool {
	return id != c.unknown && (c.added[id].Special || slices.Contains([]int32{c.cls, c.sep}, id))
}

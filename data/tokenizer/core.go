package tokenizer

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
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

// newCore is the core of a model whose pieces t has, among them the unknown one (-1:
// none).
func newCore(m model, t *tokenizerJSON, unknown int32) core {
	return core{model: m, file: t, unknown: unknown, ids: make(map[string]int32, len(t.Model.Vocab.pieces)),
		added: make(map[int32]AddedToken, len(t.AddedTokens)), pool: &sync.Pool{New: func() any { return new(scratch) }}}
}

// assemble builds what Encode reads out of the file's parts.
func (c *core) assemble(n specials) error {
	c.names = n
	for _, e := range c.file.Model.Vocab.pieces {
		if err := e.check(); err != nil {
			return err
		}
		c.set(e.piece, e.id)
	}
	if err := c.addTokens(); err != nil {
		return err
	}
	var err error
	if c.steps, err = c.file.Normalizer.compile(); err != nil {
		return err
	}
	if c.dividers, err = c.file.PreTokenizer.compile(); err != nil {
		return err
	}
	if err := c.templates(); err != nil {
		return err
	}
	return c.match()
}

// set notes that a piece has an id; of two pieces with one id, the first is shown.
func (c *core) set(piece string, id int32) {
	if piece == "" {
		return
	}
	c.ids[piece] = id
	if int(id) >= len(c.tokens) {
		c.tokens = append(c.tokens, make([]string, int(id)+1-len(c.tokens))...)
	}
	if c.tokens[id] == "" {
		c.tokens[id] = piece
	}
}

// addTokens checks the added tokens against the vocabulary and notes their ids.
func (c *core) addTokens() error {
	for _, token := range c.file.AddedTokens {
		if token.Content == "" {
			continue
		}
		if other, taken := c.added[token.ID]; taken && other.Content != token.Content {
			return fmt.Errorf("added token %q: id %d is taken by the added token %q", token.Content, token.ID, other.Content)
		}
		if id, ok := c.ids[token.Content]; ok && id != token.ID {
			return fmt.Errorf("added token %q has id %d, want %d, its place in the vocabulary", token.Content, token.ID, id)
		}
		if token.ID < 0 || token.ID >= mostIDs {
			return fmt.Errorf("added token %q has id %d, want 0 to %d", token.Content, token.ID, mostIDs-1)
		}
		if !utf8.ValidString(token.Content) {
			return fmt.Errorf("added token %q is not UTF-8", token.Content)
		}
		c.set(token.Content, token.ID)
		c.tokens[token.ID] = token.Content
		c.added[token.ID] = token
	}
	return nil
}

// match prepares the search for added tokens.
func (c *core) match() error {
	var raw, normalized []AddedToken
	for _, token := range c.file.AddedTokens {
		switch {
		case token.Content == "":
		case token.Normalized:
			normalized = append(normalized, token)
		default:
			raw = append(raw, token)
		}
	}
	var err error
	c.inRaw, err = newMatcher(raw, func(t AddedToken) string { return t.Content })
	if err != nil {
		return err
	}
	c.inNormalized, err = newMatcher(normalized, func(t AddedToken) string {
		return string(c.normalize(new(scratch), t.Content))
	})
	return err
}

// normalize returns text normalised; the result lives in s until the next call. Bytes
// that are not UTF-8 count as U+FFFD.
func (c *core) normalize(s *scratch, text string) []byte {
	s.text, s.cutStart = append(s.text[:0], text...), false
	if !utf8.Valid(s.text) {
		s.text = bytes.ToValidUTF8(s.text, []byte("\uFFFD"))
	}
	for _, f := range c.steps {
		s.other = f(s, s.other[:0], s.text)
		s.text, s.other = s.other, s.text
	}
	return s.text
}

// templates reads what stands around texts. Without a post-processor it is what the
// special tokens of the vocabulary are used for.
func (c *core) templates() error {
	p := c.file.PostProcessor
	if !p.places() {
		p = c.usual()
		if p == nil {
			return missing(c.ids, c.names)
		}
		c.file.PostProcessor = p
	}
	var err error
	if c.single, c.pair, err = p.templates(); err != nil {
		return err
	}
	if c.cls, c.sep, err = c.single.ends(); err != nil {
		return err
	}
	return p.check(c.ids)
}

// usual is the post-processor of the tokens that the vocabulary has: BERT's if they are
// [CLS] and [SEP] or have other names, RoBERTa's if they are <s> and </s>; nil if there
// are none.
func (c *core) usual() *processorJSON {
	names := [][2]string{{"[CLS]", "[SEP]"}, {"<s>", "</s>"}}
	if c.names.CLS.Content != "" && c.names.SEP.Content != "" {
		names = [][2]string{{c.names.CLS.Content, c.names.SEP.Content}}
	}
	for _, n := range names {
		cls, ok1 := c.ids[n[0]]
		sep, ok2 := c.ids[n[1]]
		switch {
		case !ok1 || !ok2:
		case n[0] == "<s>":
			return robertaProcessor(n[0], n[1], cls, sep)
		default:
			return bertTemplate(n[0], n[1], cls, sep)
		}
	}
	return nil
}

// missing is the error of a vocabulary without the special tokens that a text needs.
func missing(ids map[string]int32, n specials) error {
	var names []string
	for _, token := range []AddedToken{n.Unknown, n.CLS, n.SEP} {
		if _, ok := ids[token.Content]; !ok && token.Content != "" {
			names = append(names, token.Content)
		}
	}
	if names == nil {
		return fmt.Errorf("no post_processor, and neither [CLS] and [SEP] nor <s> and </s> among %d pieces: nothing would mark the ends of a text", len(ids))
	}
	return fmt.Errorf("no %s among %d pieces; this is another kind of vocabulary, or it was cut short", strings.Join(names, ", "), len(ids))
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

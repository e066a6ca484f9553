package tokenizer

import (
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"
)

// Tokenizer turns text into ids. It is safe for concurrent use.
type Tokenizer interface {
	// Encode returns [CLS] text [SEP], at most maxLength ids (0: no limit).
	Encode(text string, maxLength int) Encoding
	// EncodePair returns [CLS] a [SEP] b [SEP], the longer text cut first.
	EncodePair(a, b string, maxLength int) Encoding
	// EncodeChoices returns [CLS] a [SEP] b [SEP] for each b of the options, a cut
	// first.
	EncodeChoices(a string, options []string, maxLength int) []Encoding
	// Pieces returns the ids of text alone.
	Pieces(text string) []int32

	Size() int                     // ids, which a model's embedding must have at least
	Token(id int32) string         // the piece, "" if there is none
	ID(piece string) (int32, bool) // of a piece
	CLS() int32                    // the id of [CLS]
	SEP() int32                    // the id of [SEP]
	Pad() int32                    // the id of padding, 0 if there is none
	Special(id int32) bool         // whether the piece stands for no text
	Continues(id int32) bool       // whether the piece goes on with the word before it
	Words(ids []int32) []Word      // pieces grouped for display

	JSON() ([]byte, error) // as tokenizer.json
	Save(dir string) error // as Load reads it
}

// core is what tokenizers of every kind have in common: ids, the tokens that are
// found in raw text, and those that are put around it.
type core struct {
	cutter cutter
	tokens []string // pieces of the model and the added tokens beyond them, by id
	ids    map[string]int32
	list   []AddedToken
	added  map[int32]AddedToken // the same by id

	inRaw, inNormalized *matcher // added tokens by where they are looked for

	unknown, cls, sep int32
	pad               string
	lines             bool // pieces are written line by line
	pool              *sync.Pool
}

// cutter is what kinds of tokenizers differ in.
type cutter interface {
	// normalize returns text normalised; the result lives in s until the next call.
	normalize(s *scratch, text string) []byte
	// words appends the ids of normalised text without added tokens.
	words(p *pieces, text []byte)
}

func newCore(c cutter, size int) core {
	return core{cutter: c, ids: make(map[string]int32, size), pool: &sync.Pool{New: func() any { return new(scratch) }}}
}

// add gives piece the next id.
func (c *core) add(piece string) error {
	switch at, taken := c.ids[piece]; {
	case piece == "":
		return fmt.Errorf("empty piece, want one piece per line and none missing")
	case !utf8.ValidString(piece):
		return fmt.Errorf("piece %q is not UTF-8", piece)
	case c.lines && strings.ContainsAny(piece, "\r\n"):
		return fmt.Errorf("piece %q holds a line break, which vocab.txt has no way to write", piece)
	case taken:
		return fmt.Errorf("piece %q is there twice, as id %d and %d; ids would be ambiguous, remove one", piece, at, len(c.tokens))
	}
	c.ids[piece] = int32(len(c.tokens))
	c.tokens = append(c.tokens, piece)
	return nil
}

// addTokens checks added tokens against the vocabulary; those it does not have get
// their ids after it, in order.
func (c *core) addTokens(list []AddedToken) error {
	c.list, c.added = list, make(map[int32]AddedToken, len(list))
	for _, token := range list {
		if _, taken := c.added[token.ID]; taken {
			return fmt.Errorf("added token %q: id %d is taken by another added token", token.Content, token.ID)
		}
		if _, ok := c.ids[token.Content]; !ok {
			if err := c.add(token.Content); err != nil {
				return fmt.Errorf("added token: %w", err)
			}
		}
		if id := c.ids[token.Content]; id != token.ID {
			return fmt.Errorf("added token %q has id %d, want %d, its place in the vocabulary or the next free one", token.Content, token.ID, id)
		}
		c.added[token.ID] = token
	}
	return nil
}

// standardTokens are the named ones that the vocabulary has.
func (c *core) standardTokens(names ...string) []AddedToken {
	tokens := []AddedToken{}
	for _, name := range names {
		if id, ok := c.ids[name]; ok {
			tokens = append(tokens, AddedToken{ID: id, Content: name, Special: true})
		}
	}
	return tokens
}

// findSpecial looks up the pieces that every encoding needs.
func (c *core) findSpecial(kind, unknown, cls, sep string) error {
	var missing []string
	look := func(dst *int32, name string) {
		id, ok := c.ids[name]
		if !ok {
			missing = append(missing, name)
		}
		*dst = id
	}
	look(&c.unknown, unknown)
	look(&c.cls, cls)
	look(&c.sep, sep)
	if missing != nil {
		return fmt.Errorf("no %s among %d pieces; this is not %s vocabulary, or it was cut short", strings.Join(missing, ", "), len(c.tokens), kind)
	}
	return nil
}

// match prepares the search for added tokens.
func (c *core) match() error {
	var raw, normalized []AddedToken
	for _, token := range c.list {
		if token.Normalized {
			normalized = append(normalized, token)
		} else {
			raw = append(raw, token)
		}
	}
	var err error
	c.inRaw, err = newMatcher(raw, func(t AddedToken) string { return t.Content })
	if err != nil {
		return err
	}
	c.inNormalized, err = newMatcher(normalized, func(t AddedToken) string {
		return string(c.cutter.normalize(new(scratch), t.Content))
	})
	return err
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

// CLS returns the id of [CLS].
func (c *core) CLS() int32 { return c.cls }

// SEP returns the id of [SEP].
func (c *core) SEP() int32 { return c.sep }

// Pad returns the id of the padding piece, or 0 if the vocabulary has none.
func (c *core) Pad() int32 { return c.ids[c.pad] }

// Special reports whether a piece stands for no text: [CLS], [SEP], [PAD],
// [MASK] or another special token, but not the unknown piece, which stands for a
// word.
func (c *core) Special(id int32) bool {
	return id != c.unknown && (id == c.cls || id == c.sep || c.added[id].Special)
}

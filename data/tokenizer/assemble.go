package tokenizer

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"
)

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

// templates reads what stands around texts. Without a post-processor it is what the
// special tokens of the vocabulary are used for.
func (c *core) templates() error {
	placing := c.file.PostProcessor.placing()
	if len(placing) == 0 {
		if c.file.PostProcessor = c.usual(); c.file.PostProcessor == nil {
			return missing(c.ids, c.names, c.file.Model.Type)
		}
		placing = c.file.PostProcessor.placing()
	}
	p := placing[0]
	if len(placing) > 1 {
		return fmt.Errorf("post_processor: both %s and %s put tokens around a text, want one of them", p.Type, placing[1].Type)
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
func missing(ids map[string]int32, n specials, kind string) error {
	var names []string
	for _, token := range []AddedToken{n.Unknown, n.CLS, n.SEP} {
		if _, ok := ids[token.Content]; !ok && token.Content != "" {
			names = append(names, token.Content)
		}
	}
	if names == nil {
		return fmt.Errorf("no post_processor, and neither [CLS] and [SEP] nor <s> and </s> among %d pieces: nothing would mark the ends of a text", len(ids))
	}
	whose := map[string]string{"WordPiece": "a BERT", "Unigram": "an ALBERT"}[kind]
	return fmt.Errorf("no %s among %d pieces; this is not %s vocabulary, or it was cut short", strings.Join(names, ", "), len(ids), cmp.Or(whose, "a RoBERTa"))
}

package tokenizer

import (
	"bytes"
	"unicode/utf8"
)

// Encoding is one text, or a pair of texts, as the encoder reads it.
type Encoding struct {
	IDs   []int32 // of BERT [CLS] a [SEP] or [CLS] a [SEP] b [SEP]
	Types []int32 // of BERT 0 up to the first [SEP], 1 after it; as long as IDs
	Cut   int     // pieces that truncation removed
}

// Encode returns text with its special tokens, [CLS] text [SEP] of BERT, at most
// maxLength ids (0: no limit). Pieces are cut from the end; the special tokens are
// always there, so a limit below their number still gives them.
func (c *core) Encode(text string, maxLength int) Encoding {
	a := c.Pieces(text)
	n := min(len(a), room(maxLength, len(a), c.single.special()))
	e := c.single.fill(a[:n], nil)
	e.Cut = len(a) - n
	return e
}

// EncodePair returns two texts with their special tokens, [CLS] a [SEP] b [SEP] of BERT,
// at most maxLength ids (0: no limit; below the number of special tokens: those alone).
// The longer text is cut first; texts that are both cut share the room evenly, and an
// odd place goes to the longer one, or to b if they are equal.
func (c *core) EncodePair(a, b string, maxLength int) Encoding {
	first, second := c.Pieces(a), c.Pieces(b)
	whole := len(first) + len(second)
	n1, n2 := len(first), len(second)
	if r := room(maxLength, whole, c.pair.special()); whole > r {
		n1, n2 = longestFirst(n1, n2, r)
	}
	e := c.pair.fill(first[:n1], second[:n2])
	e.Cut = whole - n1 - n2
	return e
}

// EncodeChoices returns what EncodePair does for each b of the options. Pieces are cut
// from the end of a alone (Hugging Face's only_first), and of an option only where it is
// too long without any of a.
func (c *core) EncodeChoices(a string, options []string, maxLength int) []Encoding {
	first := c.Pieces(a)
	list := make([]Encoding, len(options))
	for i, b := range options {
		second := c.Pieces(b)
		whole := len(first) + len(second)
		r := room(maxLength, whole, c.pair.special())
		n2 := min(len(second), r)
		n1 := min(len(first), r-n2)
		list[i] = c.pair.fill(first[:n1], second[:n2])
		list[i].Cut = whole - n1 - n2
	}
	return list
}

// room is how many of n pieces fit beside the special ids.
func room(maxLength, n, special int) int {
	if maxLength <= 0 {
		return n
	}
	return max(maxLength-special, 0)
}

// longestFirst shares room between texts of n1 and n2 pieces, too many for it.
func longestFirst(n1, n2, room int) (int, int) {
	if n1 > n2 {
		n2, n1 = longestFirst(n2, n1, room)
		return n1, n2
	}
	n1 = min(n1, room/2)
	return n1, room - n1
}

// Pieces returns the ids of text alone, without special tokens around it. Added tokens
// are found first, then the text between them is normalised, searched for added tokens
// once more, and cut into words and their pieces.
func (c *core) Pieces(text string) []int32 {
	s := c.pool.Get().(*scratch)
	defer c.pool.Put(s)
	p := pieces{core: c, scratch: s, ids: make([]int32, 0, len(text)/4+1)}
	split(c.inRaw, text, func(from, to int, token *AddedToken) {
		if token != nil {
			p.ids = append(p.ids, token.ID)
		} else {
			p.normalized(c.normalize(s, text[from:to]), from == 0)
		}
	})
	return p.ids
}

// pieces are the ids of a text as it is cut up.
type pieces struct {
	*core
	*scratch
	ids []int32
}

// normalized cuts up normalised text, which may be the first of a text.
func (p *pieces) normalized(text []byte, first bool) {
	first = first && !p.cutStart
	if p.inNormalized.empty {
		p.words(text, first)
		return
	}
	split(p.inNormalized, text, func(from, to int, token *AddedToken) {
		if token != nil {
			p.ids = append(p.ids, token.ID)
		} else {
			p.words(text[from:to], first && from == 0)
		}
	})
}

// words cuts up normalised text without added tokens.
func (p *pieces) words(text []byte, first bool) {
	if len(text) == 0 {
		return
	}
	now, next := &p.now, &p.next
	now.text, now.spans = text, append(now.spans[:0], span{0, len(text), first})
	for _, divide := range p.dividers {
		divide(p.scratch, next, now)
		now, next = next, now
	}
	for _, w := range now.spans {
		p.ids = p.model.cut(p.scratch, p.ids, now.text[w.from:w.to])
	}
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

package tokenizer

// Encoding is one text, or a pair of texts, as the encoder reads it.
type Encoding struct {
	IDs   []int32 // [CLS] a [SEP] or [CLS] a [SEP] b [SEP]
	Types []int32 // 0 up to the first [SEP], 1 after it; as long as IDs
	Cut   int     // pieces that truncation removed
}

// Encode returns [CLS] text [SEP], at most maxLength ids (0: no limit). Pieces
// are cut from the end; [CLS] and [SEP] are always there, so a limit below 2
// still gives two ids.
func (c *core) Encode(text string, maxLength int) Encoding {
	a := c.cut(text, 0)
	n := min(len(a.ids), room(maxLength, len(a.ids), 2))
	ids := make([]int32, 0, n+2)
	ids = append(ids, c.cls)
	ids = append(ids, a.ids[:n]...)
	ids = append(ids, c.sep)
	return Encoding{IDs: ids, Types: make([]int32, len(ids)), Cut: len(a.ids) - n}
}

// EncodePair returns [CLS] a [SEP] b [SEP], at most maxLength ids (0: no limit,
// below 3: the three special ids alone). The longer text is cut first; texts
// that are both cut share the room evenly, and an odd place goes to the longer
// one, or to b if they are equal. As in the reference (since tokenizers 0.23),
// how long a text is counts up to the end of the word with which it has
// maxLength pieces; earlier versions and the Python-only BertTokenizer may give
// the odd place to the other text.
func (c *core) EncodePair(a, b string, maxLength int) Encoding {
	first, second := c.cut(a, maxLength), c.cut(b, maxLength)
	whole := len(first.ids) + len(second.ids)
	n1, n2 := len(first.ids), len(second.ids)
	if r := room(maxLength, whole, 3); whole > r {
		n1, n2 = longestFirst(first.reach, second.reach, r)
	}
	e := c.pair(first.ids[:n1], second.ids[:n2])
	e.Cut = whole - n1 - n2
	return e
}

// EncodeChoices returns [CLS] a [SEP] b [SEP] for each b of the options, at most
// maxLength ids (0: no limit, below 3: the three special ids alone). Pieces are
// cut from the end of a alone (Hugging Face's only_first), and of an option only
// where it is too long without any of a.
func (c *core) EncodeChoices(a string, options []string, maxLength int) []Encoding {
	first := c.cut(a, 0).ids
	list := make([]Encoding, len(options))
	for i, b := range options {
		second := c.cut(b, 0).ids
		whole := len(first) + len(second)
		n2 := min(len(second), room(maxLength, whole, 3))
		n1 := min(len(first), room(maxLength, whole, 3)-n2)
		list[i] = c.pair(first[:n1], second[:n2])
		list[i].Cut = whole - n1 - n2
	}
	return list
}

// pair is [CLS] first [SEP] second [SEP].
func (c *core) pair(first, second []int32) Encoding {
	ids := make([]int32, 0, len(first)+len(second)+3)
	ids = append(ids, c.cls)
	ids = append(ids, first...)
	ids = append(ids, c.sep)
	ids = append(ids, second...)
	ids = append(ids, c.sep)
	types := make([]int32, len(ids))
	for i := len(first) + 2; i < len(types); i++ {
		types[i] = 1
	}
	return Encoding{IDs: ids, Types: types}
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

// Pieces returns the ids of text alone, without [CLS] and [SEP].
func (c *core) Pieces(text string) []int32 { return c.cut(text, 0).ids }

// pieces are the ids of a text as it is cut up.
type pieces struct {
	*core
	*scratch
	ids   []int32
	limit int
	reach int // ids up to the first word's end that is at limit or beyond, all if there is none
}

// cut returns the pieces of text. Added tokens are found first, then the text
// between them is normalised, searched for added tokens once more, and split.
func (c *core) cut(text string, limit int) pieces {
	s := c.pool.Get().(*scratch)
	defer c.pool.Put(s)
	p := pieces{core: c, scratch: s, ids: make([]int32, 0, len(text)/4+1), limit: limit, reach: -1}
	p.raw(text)
	if p.reach < 0 {
		p.reach = len(p.ids)
	}
	p.scratch = nil
	return p
}

// raw cuts up text as it was given.
func (p *pieces) raw(text string) {
	p.inRaw.split(text, func(part string, id int32) {
		if id >= 0 {
			p.ids = append(p.ids, id)
			return
		}
		p.normalized(p.cutter.normalize(p.scratch, part))
	})
}

// normalized cuts up normalised text.
func (p *pieces) normalized(text []byte) {
	if p.inNormalized.empty {
		p.cutter.words(p, text)
		return
	}
	p.inNormalized.split(string(text), func(part string, id int32) {
		if id >= 0 {
			p.ids = append(p.ids, id)
			return
		}
		p.cutter.words(p, []byte(part))
	})
}

// wordEnds notes that the ids so far end a word.
func (p *pieces) wordEnds() {
	if p.reach < 0 && p.limit > 0 && len(p.ids) >= p.limit {
		p.reach = len(p.ids)
	}
}

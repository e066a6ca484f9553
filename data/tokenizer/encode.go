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
func (w *WordPiece) Encode(text string, maxLength int) Encoding {
	a := w.Pieces(text)
	keep := room(maxLength, len(a), 2)
	ids := make([]int32, 0, min(len(a), keep)+2)
	ids = append(ids, w.cls)
	ids = append(ids, a[:min(len(a), keep)]...)
	ids = append(ids, w.sep)
	return Encoding{IDs: ids, Types: make([]int32, len(ids)), Cut: len(a) + 2 - len(ids)}
}

// EncodePair returns [CLS] a [SEP] b [SEP], at most maxLength ids (0: no limit,
// below 3: the three special ids alone). The longer text is cut first; texts
// that are both cut share the room evenly, an odd place going to the longer
// one, to b if they are equal. This is the reference's longest_first, not the
// slightly different one of the Python-only BertTokenizer.
func (w *WordPiece) EncodePair(a, b string, maxLength int) Encoding {
	first, second := w.Pieces(a), w.Pieces(b)
	n1, n2 := longestFirst(len(first), len(second), room(maxLength, len(first)+len(second), 3))
	ids := make([]int32, 0, n1+n2+3)
	ids = append(ids, w.cls)
	ids = append(ids, first[:n1]...)
	ids = append(ids, w.sep)
	ids = append(ids, second[:n2]...)
	ids = append(ids, w.sep)
	types := make([]int32, len(ids))
	for i := n1 + 2; i < len(types); i++ {
		types[i] = 1
	}
	return Encoding{IDs: ids, Types: types, Cut: len(first) + len(second) - n1 - n2}
}

// room is how many of n pieces fit beside the special ids.
func room(maxLength, n, special int) int {
	if maxLength <= 0 {
		return n
	}
	return max(maxLength-special, 0)
}

// longestFirst shares room between texts of n1 and n2 pieces.
func longestFirst(n1, n2, room int) (int, int) {
	if n1+n2 <= room {
		return n1, n2
	}
	if n1 > n2 {
		n2, n1 = longestFirst(n2, n1, room)
		return n1, n2
	}
	n1 = min(n1, room/2)
	return n1, room - n1
}

// Pieces returns the ids of text alone, without [CLS] and [SEP].
func (w *WordPiece) Pieces(text string) []int32 {
	s := w.pool.Get().(*scratch)
	defer w.pool.Put(s)
	ids := make([]int32, 0, len(text)/4+1)
	w.raw.split(text, func(part string, id int32) {
		if id >= 0 {
			ids = append(ids, id)
			return
		}
		ids = w.appendNormalized(ids, s, part)
	})
	return ids
}

// appendNormalized appends the ids of a stretch of raw text that holds no
// added token.
func (w *WordPiece) appendNormalized(ids []int32, s *scratch, part string) []int32 {
	text := w.norm.normalize(s, part)
	if w.normalized.empty() {
		return w.appendWords(ids, text)
	}
	w.normalized.split(string(text), func(part string, id int32) {
		if id >= 0 {
			ids = append(ids, id)
			return
		}
		ids = w.appendWords(ids, []byte(part))
	})
	return ids
}

// appendWords appends the ids of normalised text, word by word.
func (w *WordPiece) appendWords(ids []int32, text []byte) []int32 {
	for {
		word, rest := nextWord(text)
		if len(word) == 0 {
			return ids
		}
		ids, text = w.appendPieces(ids, word), rest
	}
}

package tokenizer

import "strings"

// Word is a stretch of an encoding that a reader sees as one: the pieces
// IDs[Start:End], joined.
type Word struct {
	Text       string // "unaffable"; as normalised, so lower case if uncased
	Start, End int
	Special    bool // [CLS], [SEP] and other tokens that stand for no text
}

// Words groups the pieces of an encoding into words for display: a piece that
// begins with "##" belongs to the word before it. A word that the vocabulary
// cannot spell is "[UNK]", not special.
func (w *WordPiece) Words(ids []int32) []Word {
	return w.group(ids, w.Continues, w.Token, func(id int32) string { return strings.TrimPrefix(w.Token(id), w.prefix) })
}

// group makes words of pieces, by their texts where they begin a word and where they
// go on with one.
func (c *core) group(ids []int32, continues func(int32) bool, first, rest func(int32) string) []Word {
	var words []Word
	for i, id := range ids {
		if last := len(words) - 1; continues(id) && last >= 0 && !words[last].Special {
			words[last].Text += rest(id)
			words[last].End = i + 1
			continue
		}
		words = append(words, Word{Text: first(id), Start: i, End: i + 1, Special: c.Special(id)})
	}
	return words
}

// Continues reports whether a piece goes on with the word before it.
func (w *WordPiece) Continues(id int32) bool {
	_, added := w.added[id]
	return !added && strings.HasPrefix(w.Token(id), w.prefix)
}

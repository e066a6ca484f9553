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
	var words []Word
	for i, id := range ids {
		if last := len(words) - 1; w.Continues(id) && last >= 0 && !words[last].Special {
			words[last].Text += strings.TrimPrefix(w.Token(id), w.opt.Prefix)
			words[last].End = i + 1
			continue
		}
		words = append(words, Word{Text: w.Token(id), Start: i, End: i + 1, Special: w.Special(id)})
	}
	return words
}

// Continues reports whether a piece goes on with the word before it.
func (w *WordPiece) Continues(id int32) bool {
	_, added := w.added[id]
	return !added && strings.HasPrefix(w.Token(id), w.opt.Prefix)
}

// Special reports whether a piece stands for no text: [CLS], [SEP], [PAD],
// [MASK] or another special token, but not [UNK], which stands for a word.
func (w *WordPiece) Special(id int32) bool {
	return id != w.unknown && (id == w.cls || id == w.sep || w.added[id].Special)
}

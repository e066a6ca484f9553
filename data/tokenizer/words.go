package tokenizer

import (
	"strings"
	"unicode/utf8"
)

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

// Continues reports whether a piece goes on with the word before it.
func (b *BPE) Continues(id int32) bool {
	if _, added := b.added[id]; added {
		return false
	}
	piece := b.Token(id)
	switch {
	case b.bytes():
		r, n := utf8.DecodeRuneInString(textOfBytes(piece))
		return n > 0 && !isSpace(r)
	case b.prefix != "":
		return strings.HasPrefix(piece, b.prefix)
	}
	return id == b.unknown || !strings.HasPrefix(piece, meta)
}

// bytes tells whether pieces are of bytes.
func (b *BPE) bytes() bool {
	return b.file.PreTokenizer.has("ByteLevel") || b.file.Normalizer.has("ByteLevel")
}

// Words groups the pieces of an encoding into words for display: a piece that begins
// with a space begins a word.
func (b *BPE) Words(ids []int32) []Word {
	text := func(id int32) string { return strings.TrimPrefix(strings.TrimPrefix(b.Token(id), meta), b.prefix) }
	if b.bytes() {
		text = func(id int32) string {
			if _, added := b.added[id]; added {
				return b.Token(id)
			}
			return strings.TrimLeftFunc(textOfBytes(b.Token(id)), isSpace)
		}
	}
	words := b.group(ids, b.Continues, text, text)
	for i := range words {
		words[i].Text = strings.ToValidUTF8(words[i].Text, "\uFFFD")
	}
	return words
}

package tokenizer

import "fmt"

// WordPiece is a vocabulary of the beginnings of words and of what goes on with them: a
// word is cut into the longest pieces from left to right.
type WordPiece struct {
	core
	heads, tails lexicon
	prefix       string
	maxRunes     int // longer words are unknown
}

// New makes a BERT tokenizer of vocab, whose indices are the ids; "" is an id without a
// piece, and of a piece that is there twice the last id counts. It reports an error for
// pieces that are not UTF-8, and for a vocabulary without [UNK], [CLS] or [SEP].
func New(vocab []string, opt Options) (*WordPiece, error) {
	opt = opt.withDefaults()
	w, err := newWordPiece(opt.file(vocab), opt.specials())
	if err != nil {
		return nil, &Error{Err: err}
	}
	w.class = "BertTokenizer"
	return w, nil
}

// newWordPiece makes the tokenizer of a file's content. The unknown piece must be one of
// the model's own.
func newWordPiece(t *tokenizerJSON, n specials) (*WordPiece, error) {
	m := &t.Model
	w := &WordPiece{prefix: value(m.ContinuingSubwordPrefix, "##"), maxRunes: value(m.MaxInputCharsPerWord, 100)}
	n.Unknown.Content = value(m.UnkToken, "[UNK]")
	ids := m.Vocab.ids()
	switch {
	case w.maxRunes < 1:
		return nil, fmt.Errorf("model.max_input_chars_per_word is %d, want 1 or more", w.maxRunes)
	case w.prefix == "":
		return nil, fmt.Errorf("model.continuing_subword_prefix is empty, want something like \"##\"")
	}
	unknown, ok := ids[n.Unknown.Content]
	if !ok {
		return nil, missing(ids, n, m.Type)
	}
	w.core = newCore(w, t, unknown)
	w.heads, w.tails = newLexicons(ids, w.prefix)
	return w, w.assemble(n)
}

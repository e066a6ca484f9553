package tokenizer

import (
	"fmt"
	"slices"
)

// WordPiece is a vocabulary and the rules that cut text into its pieces.
type WordPiece struct {
	core
	opt          Options
	vocab        []string // pieces of the model
	norm         normalizer
	heads, tails lexicon
}

// New makes a tokenizer of vocab, whose indices are the ids. It reports an
// error for pieces that are empty, repeated or not UTF-8, and for a vocabulary
// without [UNK], [CLS] or [SEP].
func New(vocab []string, opt Options) (*WordPiece, error) {
	w := &WordPiece{opt: opt.withDefaults(), vocab: slices.Clone(vocab)}
	w.core = newCore(w, len(vocab))
	w.pad, w.lines = "[PAD]", true
	for i, piece := range vocab {
		if err := w.add(piece); err != nil {
			return nil, &Error{Line: i + 1, Err: err}
		}
	}
	if err := w.prepare(); err != nil {
		return nil, &Error{Err: err}
	}
	return w, nil
}

// prepare builds what Encode reads. The unknown piece must be one of the model's
// own.
func (w *WordPiece) prepare() error {
	if w.opt.Added == nil {
		w.opt.Added = w.standardTokens(w.pad, w.opt.Unknown, w.opt.CLS, w.opt.SEP, "[MASK]")
	}
	if err := w.addTokens(w.opt.Added); err != nil {
		return err
	}
	if err := w.findSpecial("a BERT", w.opt.Unknown, w.opt.CLS, w.opt.SEP); err != nil {
		return err
	}
	if int(w.unknown) >= len(w.vocab) {
		return fmt.Errorf("%s is an added token only, want it in the vocabulary itself", w.opt.Unknown)
	}
	w.norm = w.opt.normalizer()
	w.heads, w.tails = newLexicons(w.vocab, w.opt.Prefix)
	return w.match()
}

func (w *WordPiece) normalize(s *scratch, text string) []byte { return w.norm.normalize(s, text) }

func (w *WordPiece) words(p *pieces, text []byte) {
	for {
		word, rest := nextWord(text)
		if len(word) == 0 {
			return
		}
		p.ids, text = w.appendPieces(p.ids, word), rest
		p.wordEnds()
	}
}

// Cased reports whether capitals are kept.
func (w *WordPiece) Cased() bool { return w.opt.Cased }

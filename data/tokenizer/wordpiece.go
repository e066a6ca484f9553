package tokenizer

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// WordPiece is a vocabulary and the rules that cut text into its pieces.
type WordPiece struct {
	opt    Options
	vocab  []string // pieces of the model
	tokens []string // vocab and the added tokens beyond it, by id
	ids    map[string]int32
	added  map[int32]AddedToken

	norm                normalizer
	inRaw, inNormalized *matcher // added tokens by where they are looked for
	heads, tails        lexicon

	unknown, cls, sep int32
	pool              *sync.Pool
}

// New makes a tokenizer of vocab, whose indices are the ids. It reports an
// error for pieces that are empty, repeated or not UTF-8, and for a vocabulary
// without [UNK], [CLS] or [SEP].
func New(vocab []string, opt Options) (*WordPiece, error) {
	w := &WordPiece{opt: opt.withDefaults(), vocab: slices.Clone(vocab), ids: make(map[string]int32, len(vocab))}
	for i, piece := range vocab {
		if err := w.add(piece); err != nil {
			return nil, &Error{Line: i + 1, Err: err}
		}
	}
	if err := w.addTokens(); err != nil {
		return nil, &Error{Err: err}
	}
	if err := w.findSpecial(); err != nil {
		return nil, &Error{Err: err}
	}
	if err := w.prepare(); err != nil {
		return nil, &Error{Err: err}
	}
	return w, nil
}

// add gives piece the next id.
func (w *WordPiece) add(piece string) error {
	switch at, taken := w.ids[piece]; {
	case piece == "":
		return fmt.Errorf("empty piece, want one piece per line and none missing")
	case !utf8.ValidString(piece):
		return fmt.Errorf("piece %q is not UTF-8", piece)
	case strings.ContainsAny(piece, "\r\n"):
		return fmt.Errorf("piece %q holds a line break, which vocab.txt has no way to write", piece)
	case taken:
		return fmt.Errorf("piece %q is there twice, as id %d and %d; ids would be ambiguous, remove one", piece, at, len(w.tokens))
	}
	w.ids[piece] = int32(len(w.tokens))
	w.tokens = append(w.tokens, piece)
	return nil
}

// addTokens checks Options.Added against the vocabulary; tokens it does not
// have get their ids after it, in order.
func (w *WordPiece) addTokens() error {
	if w.opt.Added == nil {
		w.opt.Added = w.standardTokens()
	}
	w.added = make(map[int32]AddedToken, len(w.opt.Added))
	for _, token := range w.opt.Added {
		if _, taken := w.added[token.ID]; taken {
			return fmt.Errorf("added token %q: id %d is taken by another added token", token.Content, token.ID)
		}
		if _, ok := w.ids[token.Content]; !ok {
			if err := w.add(token.Content); err != nil {
				return fmt.Errorf("added token: %w", err)
			}
		}
		if id := w.ids[token.Content]; id != token.ID {
			return fmt.Errorf("added token %q has id %d, want %d, its place in the vocabulary or the next free one", token.Content, token.ID, id)
		}
		w.added[token.ID] = token
	}
	return nil
}

// standardTokens are BERT's special tokens that the vocabulary has.
func (w *WordPiece) standardTokens() []AddedToken {
	tokens := []AddedToken{}
	for _, name := range []string{"[PAD]", w.opt.Unknown, w.opt.CLS, w.opt.SEP, "[MASK]"} {
		if id, ok := w.ids[name]; ok {
			tokens = append(tokens, AddedToken{ID: id, Content: name, Special: true})
		}
	}
	return tokens
}

// findSpecial looks up the pieces that every encoding needs. The unknown piece
// must be one of the model's own.
func (w *WordPiece) findSpecial() error {
	var missing []string
	look := func(dst *int32, name string) {
		id, ok := w.ids[name]
		if !ok {
			missing = append(missing, name)
		}
		*dst = id
	}
	look(&w.unknown, w.opt.Unknown)
	look(&w.cls, w.opt.CLS)
	look(&w.sep, w.opt.SEP)
	if missing != nil {
		return fmt.Errorf("no %s among %d pieces; this is not a BERT vocabulary, or it was cut short", strings.Join(missing, ", "), len(w.tokens))
	}
	if int(w.unknown) >= len(w.vocab) {
		return fmt.Errorf("%s is an added token only, want it in the vocabulary itself", w.opt.Unknown)
	}
	return nil
}

// prepare builds what Encode reads.
func (w *WordPiece) prepare() error {
	w.norm = w.opt.normalizer()
	w.heads, w.tails = newLexicons(w.vocab, w.opt.Prefix)
	w.pool = &sync.Pool{New: func() any { return new(scratch) }}
	var raw, normalized []AddedToken
	for _, token := range w.opt.Added {
		if token.Normalized {
			normalized = append(normalized, token)
		} else {
			raw = append(raw, token)
		}
	}
	var err error
	w.inRaw, err = newMatcher(raw, func(t AddedToken) string { return t.Content })
	if err != nil {
		return err
	}
	w.inNormalized, err = newMatcher(normalized, func(t AddedToken) string {
		return string(w.norm.normalize(new(scratch), t.Content))
	})
	return err
}

// Size is the number of ids, which a model's embedding must have at least.
func (w *WordPiece) Size() int { return len(w.tokens) }

// Token returns the piece with this id ("##ing"), or "" if there is none.
func (w *WordPiece) Token(id int32) string {
	if id < 0 || int(id) >= len(w.tokens) {
		return ""
	}
	return w.tokens[id]
}

// ID returns the id of a piece, and whether the vocabulary has it.
func (w *WordPiece) ID(piece string) (int32, bool) {
	id, ok := w.ids[piece]
	return id, ok
}

// CLS returns the id of [CLS].
func (w *WordPiece) CLS() int32 { return w.cls }

// SEP returns the id of [SEP].
func (w *WordPiece) SEP() int32 { return w.sep }

// Pad returns the id of [PAD], or 0 if the vocabulary has none.
func (w *WordPiece) Pad() int32 { return w.ids["[PAD]"] }

// Cased reports whether capitals are kept.
func (w *WordPiece) Cased() bool { return w.opt.Cased }

package tokenizer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/powerbert/powerbert/internal/atomicfile"
)

// Save writes vocab.txt, tokenizer_config.json and tokenizer.json to dir, which
// it makes if need be. Load and transformers read the directory; tools built on
// the tokenizers library read tokenizer.json alone, which also holds what the
// other two have no words for. Each file is written beside and renamed.
func (w *WordPiece) Save(dir string) error {
	return save(dir, w, w.config(), vocabName, writeVocab(w.vocab))
}

// Save writes tokenizer_config.json and tokenizer.json to dir, which it makes if
// need be, and spiece.model, if that is what the tokenizer was read from. Load and
// transformers read the directory.
func (u *Unigram) Save(dir string) error {
	return save(dir, u, u.config(), spmName, u.original)
}

// save writes a directory; no file for a vocabulary of no bytes.
func save(dir string, t Tokenizer, config configJSON, name string, vocabulary []byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	settings, err := json.MarshalIndent(config, "", "  ")
	if err != nil {
		return err
	}
	whole, err := t.JSON()
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name    string
		content []byte
	}{{name, vocabulary}, {configName, append(settings, '\n')}, {jsonName, whole}} {
		if len(f.content) == 0 {
			continue
		}
		if err := atomicfile.Write(filepath.Join(dir, f.name), f.content); err != nil {
			return err
		}
	}
	return nil
}

// JSON is the tokenizer as the text of a tokenizer.json.
func (w *WordPiece) JSON() ([]byte, error) {
	text, err := json.MarshalIndent(w.tokenizer(), "", "  ")
	return append(text, '\n'), err
}

// config is tokenizer_config.json.
func (w *WordPiece) config() configJSON {
	lower, chinese := !w.opt.Cased, !w.opt.JoinChinese
	c := configJSON{
		Class: "BertTokenizer", LowerCase: &lower, StripAccents: setting{true, w.stripAccents()}, Chinese: &chinese,
		Unknown: tokenName(w.opt.Unknown), CLS: tokenName(w.opt.CLS), SEP: tokenName(w.opt.SEP),
		Added: make(map[string]decoderToken, len(w.opt.Added)),
	}
	if _, ok := w.ids["[PAD]"]; ok {
		c.Pad = "[PAD]"
	}
	if _, ok := w.ids["[MASK]"]; ok {
		c.Mask = "[MASK]"
	}
	c.list(w.opt.Added)
	return c
}

// config is tokenizer_config.json. What the steps of the normalisation do besides
// stands in tokenizer.json.
func (u *Unigram) config() configJSON {
	lower, accents := u.has("Lowercase"), !u.has("StripAccents")
	c := configJSON{
		Class: "AlbertTokenizer", LowerCase: &lower, KeepAccents: &accents, Unknown: tokenName(u.Token(u.unknown)),
		CLS: tokenName(u.opt.cls), SEP: tokenName(u.opt.sep), Added: make(map[string]decoderToken, len(u.opt.added)),
	}
	if _, ok := u.ids[u.pad]; ok {
		c.Pad = tokenName(u.pad)
	}
	if _, ok := u.ids["[MASK]"]; ok {
		c.Mask = "[MASK]"
	}
	c.list(u.opt.added)
	return c
}

// has tells whether the normalisation has a step of that type.
func (u *Unigram) has(kind string) bool {
	n := u.opt.normalizer
	return slices.ContainsFunc(append(n.Steps, n), func(s stepJSON) bool { return s.Type == kind })
}

// list fills in added_tokens_decoder.
func (c *configJSON) list(tokens []AddedToken) {
	for _, token := range tokens {
		c.Added[strconv.Itoa(int(token.ID))] = decoderToken{AddedToken: token}
	}
}

// tokenizer is tokenizer.json.
func (w *WordPiece) tokenizer() tokenizerJSON {
	clean, chinese, lower := !w.opt.KeepControls, !w.opt.JoinChinese, !w.opt.Cased
	return tokenizerJSON{
		Version:       "1.0",
		AddedTokens:   w.opt.Added,
		Normalizer:    &normalizerJSON{"BertNormalizer", &clean, &chinese, w.stripAccents(), &lower},
		PreTokenizer:  &typeJSON{"BertPreTokenizer"},
		PostProcessor: bertTemplate(w.opt.CLS, w.opt.SEP, w.cls, w.sep),
		Decoder:       map[string]any{"type": "WordPiece", "prefix": w.opt.Prefix, "cleanup": true},
		Model:         wordPieceJSON{"WordPiece", &w.opt.Unknown, &w.opt.Prefix, &w.opt.MaxWordRunes, w.vocab},
	}
}

// stripAccents is the setting as JSON has it: nil is null.
func (w *WordPiece) stripAccents() *bool {
	if w.opt.Accents == AccentsFollowCase {
		return nil
	}
	strip := w.opt.Accents == AccentsStrip
	return &strip
}

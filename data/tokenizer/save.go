package tokenizer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"

	"github.com/powerbert/powerbert/internal/atomicfile"
)

// Save writes vocab.txt, tokenizer_config.json and tokenizer.json to dir, which
// it makes if need be. Load and transformers read the directory; tools built on
// the tokenizers library read tokenizer.json alone, which also holds what the
// other two have no words for. Each file is written beside and renamed.
func (w *WordPiece) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	config, err := json.MarshalIndent(w.config(), "", "  ")
	if err != nil {
		return err
	}
	tokenizer, err := w.JSON()
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name    string
		content []byte
	}{{vocabName, writeVocab(w.vocab)}, {configName, append(config, '\n')}, {jsonName, tokenizer}} {
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
	for _, token := range w.opt.Added {
		c.Added[strconv.Itoa(int(token.ID))] = decoderToken{AddedToken: token}
	}
	return c
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

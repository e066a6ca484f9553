package tokenizer

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/manifest"
)

// Save writes vocab.txt, tokenizer_config.json and tokenizer.json to dir, which
// it makes if need be. Load and transformers read the directory; tools built on
// the tokenizers library read tokenizer.json alone, which also holds what the
// other two have no words for. Each file is written beside and renamed. There is no
// vocab.txt of what it cannot say.
func (w *WordPiece) Save(dir string) error { return w.SaveFor(dir, 0) }

// SaveFor is Save with the number of ids that a text may have (0: none is written).
func (w *WordPiece) SaveFor(dir string, maxLength int) error {
	lines, ok := w.file.Model.Vocab.lines()
	if !ok || !w.plain() {
		return w.save(dir, maxLength, "", nil)
	}
	return w.save(dir, maxLength, vocabName, writeVocab(lines))
}

// Save writes tokenizer_config.json and tokenizer.json to dir, which it makes if
// need be, and spiece.model, if that is what the tokenizer was read from. Load and
// transformers read the directory.
func (u *Unigram) Save(dir string) error { return u.SaveFor(dir, 0) }

// SaveFor is Save with the number of ids that a text may have (0: none is written).
func (u *Unigram) SaveFor(dir string, maxLength int) error {
	return u.save(dir, maxLength, spmName, u.file.original)
}

// Save writes tokenizer_config.json and tokenizer.json to dir, which it makes if need be.
// Load and transformers read the directory.
func (b *BPE) Save(dir string) error { return b.SaveFor(dir, 0) }

// SaveFor is Save with the number of ids that a text may have (0: none is written).
func (b *BPE) SaveFor(dir string, maxLength int) error { return b.save(dir, maxLength, "", nil) }

// Copy writes the files of a directory's tokenizer to another directory, which it makes
// if need be.
func Copy(to, from string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	files := []string{jsonName, vocabName, vocabJSONName, mergesName, spmName, bpeModelName, spmV2Name, configName, mapName, addedName}
	return manifest.Update(to, files, func() error {
		for _, name := range files {
			content, err := readFile(filepath.Join(from, name))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err == nil {
				err = atomicfile.Write(filepath.Join(to, name), content)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// save writes a directory; no file for a vocabulary of no bytes.
func (c *core) save(dir string, length int, name string, vocabulary []byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	settings, err := json.MarshalIndent(c.config(length), "", "  ")
	if err != nil {
		return err
	}
	whole, err := c.JSON()
	if err != nil {
		return err
	}
	names, contents := []string{configName, jsonName}, [][]byte{append(settings, '\n'), whole}
	if len(vocabulary) > 0 {
		names, contents = append([]string{name}, names...), append([][]byte{vocabulary}, contents...)
	}
	return manifest.Update(dir, names, func() error {
		for i, name := range names {
			if err := atomicfile.Write(filepath.Join(dir, name), contents[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// JSON is the tokenizer as the text of a tokenizer.json.
func (c *core) JSON() ([]byte, error) {
	text, err := json.MarshalIndent(c.file, "", "  ")
	return append(text, '\n'), err
}

// config is tokenizer_config.json: under the name of BERT's or ALBERT's class if that
// would make the same of the pieces, else as what tokenizer.json says by itself.
func (c *core) config(length int) configJSON {
	out := configJSON{Class: wholeClasses[0], MaxLength: maxLength(length), Inputs: []string{"input_ids", "token_type_ids", "attention_mask"}}
	if !c.pair.typed() {
		out.Inputs = []string{"input_ids", "attention_mask"}
	}
	n := c.file.Normalizer
	switch {
	case c.plain():
		b := n.bert()
		out.Class, out.LowerCase, out.Chinese, out.StripAccents = "BertTokenizer", &b.lower, &b.chinese, setting{true, n.Accents.value}
		if c.class != "" {
			out.Class = c.class
		}
	case c.class == "AlbertTokenizer":
		lower, accents := n.has("Lowercase"), !n.has("StripAccents")
		out.Class, out.LowerCase, out.KeepAccents = c.class, &lower, &accents
	}
	names := c.names
	for i, to := range []**named{&out.BOS, &out.EOS, &out.Unknown, &out.SEP, &out.Pad, &out.CLS, &out.Mask} {
		token := names.all()[i]
		if _, ok := c.ids[token.Content]; ok && token.Content != "" {
			*to = &named{AddedToken: *token}
		}
	}
	out.list(c.file.AddedTokens)
	return out
}

// plain tells whether BertTokenizer of transformers would make the same of the pieces
// without tokenizer.json.
func (c *core) plain() bool {
	m, n := &c.file.Model, c.file.Normalizer
	f, err := familyOf(c.class, false)
	return err == nil && (c.class == "" || f == &families[0]) && m.Type == "WordPiece" && n != nil && n.Type == "BertNormalizer" && value(n.Clean, true) &&
		c.file.PreTokenizer != nil && c.file.PreTokenizer.Type == "BertPreTokenizer" &&
		value(m.MaxInputCharsPerWord, 100) == 100 && value(m.ContinuingSubwordPrefix, "##") == "##" &&
		slices.EqualFunc(c.pair, template{{ids: []int32{c.cls}}, {text: 1}, {ids: []int32{c.sep}}, {text: 2, kind: 1}, {ids: []int32{c.sep}, kind: 1}}, sameSlot)
}

func sameSlot(a, b slot) bool {
	return a.text == b.text && a.kind == b.kind && slices.Equal(a.ids, b.ids)
}

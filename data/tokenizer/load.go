package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Load reads a tokenizer from vocab.txt, from tokenizer.json (any file that
// ends in .json), from spiece.model (any that ends in .model), or from a directory
// with one of them. There tokenizer.json comes first, and tokenizer_config.json, if
// there, has the last word on the case, accents and CJK of WordPiece. Where a
// vocab.txt or a spiece.model is without the latter, it is taken as uncased.
// Errors are *Error and name the file.
func Load(path string) (Tokenizer, error) { return LoadAs(path, Options{}) }

// LoadAs is Load with options for a bare vocab.txt; a bare spiece.model takes the
// case from them.
func LoadAs(path string, bare Options) (Tokenizer, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, &Error{File: path, Err: cause(err)}
	case info.IsDir():
		return loadDir(path, bare)
	case strings.HasSuffix(path, ".json"):
		return loadJSON(path, configJSON{})
	}
	return loadBare(path, bare)
}

// loadBare reads a spiece.model or a vocab.txt by itself.
func loadBare(path string, bare Options) (Tokenizer, error) {
	if strings.HasSuffix(path, ".model") {
		lower := !bare.Cased
		return either(loadSPM(path, configJSON{LowerCase: &lower}))
	}
	return either(LoadVocab(path, bare))
}

// either makes a Tokenizer of one kind of it; a nil one is none.
func either[T Tokenizer](t T, err error) (Tokenizer, error) {
	if err != nil {
		return nil, err
	}
	return t, nil
}

// loadJSON reads a tokenizer.json of either kind beside a tokenizer_config.json.
func loadJSON(path string, c configJSON) (Tokenizer, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	var kind struct{ Model struct{ Type string } }
	if json.Unmarshal(content, &kind) == nil && kind.Model.Type == "Unigram" {
		return either(readUnigram(path, content))
	}
	vocab, opt, err := readJSON(path, content)
	if err != nil {
		return nil, err
	}
	return either(newFrom(path, vocab, c.settle(opt)))
}

// LoadVocab reads a vocab.txt, one piece a line, to be used with opt.
func LoadVocab(path string, opt Options) (*WordPiece, error) {
	vocab, err := readVocab(path)
	if err != nil {
		return nil, err
	}
	return newFrom(path, vocab, opt)
}

// newFrom is New with the file in the error.
func newFrom(path string, vocab []string, opt Options) (*WordPiece, error) {
	w, err := New(vocab, opt)
	return w, inFile(path, err)
}

// inFile puts the file into the error of a vocabulary, and takes the line out where
// it is an id, not a line.
func inFile(path string, err error) error {
	var bad *Error
	if errors.As(err, &bad) {
		bad.File = path
		if strings.HasSuffix(path, ".json") {
			bad.Line = 0
		}
	}
	return err
}

// File is the file that Load reads the pieces of a directory from; of any other path
// it is the path.
func File(path string) string {
	for _, name := range []string{jsonName, vocabName, spmName} {
		if file := filepath.Join(path, name); exists(file) {
			return file
		}
	}
	return path
}

func loadDir(dir string, bare Options) (Tokenizer, error) {
	config, err := readConfig(filepath.Join(dir, configName))
	if err != nil {
		return nil, err
	}
	path := File(dir)
	switch {
	case path == dir:
		return nil, &Error{File: dir, Err: fmt.Errorf("no %s, %s or %s in this directory", jsonName, vocabName, spmName)}
	case filepath.Base(path) == jsonName:
		return loadJSON(path, config)
	}
	if !exists(filepath.Join(dir, configName)) {
		return loadBare(path, bare)
	}
	return loadAs(path, filepath.Join(dir, configName), config)
}

// loadAs reads a vocab.txt or a spiece.model as the configuration at configPath has it.
func loadAs(path, configPath string, c configJSON) (Tokenizer, error) {
	if filepath.Base(path) == spmName {
		if err := c.checkALBERT(); err != nil {
			return nil, &Error{File: configPath, Err: err}
		}
		return either(loadSPM(path, c))
	}
	opt, err := c.options()
	if err != nil {
		return nil, &Error{File: configPath, Err: err}
	}
	return either(LoadVocab(path, opt))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

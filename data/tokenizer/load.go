package tokenizer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Load reads a tokenizer from vocab.txt, from tokenizer.json (any file that
// ends in .json), or from a directory with either, where tokenizer.json comes
// first and tokenizer_config.json, if there, has the last word on case, accents
// and CJK. A bare vocab.txt, one without the latter, is taken as uncased.
// Errors are *Error and name the file.
func Load(path string) (*WordPiece, error) { return LoadAs(path, Options{}) }

// LoadAs is Load with options for a bare vocab.txt.
func LoadAs(path string, bare Options) (*WordPiece, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, &Error{File: path, Err: cause(err)}
	case info.IsDir():
		return loadDir(path, bare)
	case strings.HasSuffix(path, ".json"):
		vocab, opt, err := readJSON(path)
		if err != nil {
			return nil, err
		}
		return newFrom(path, vocab, opt)
	}
	return LoadVocab(path, bare)
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
	var bad *Error
	if errors.As(err, &bad) {
		bad.File = path
		if strings.HasSuffix(path, ".json") {
			bad.Line = 0 // an id, not a line
		}
	}
	return w, err
}

func loadDir(dir string, bare Options) (*WordPiece, error) {
	config, err := readConfig(filepath.Join(dir, configName))
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, jsonName)
	if exists(path) {
		vocab, opt, err := readJSON(path)
		if err != nil {
			return nil, err
		}
		return newFrom(path, vocab, config.settle(opt))
	}
	path = filepath.Join(dir, vocabName)
	if !exists(path) {
		return nil, &Error{File: dir, Err: fmt.Errorf("no %s or %s in this directory", jsonName, vocabName)}
	}
	if !exists(filepath.Join(dir, configName)) {
		return LoadVocab(path, bare)
	}
	opt, err := config.options()
	if err != nil {
		return nil, &Error{File: filepath.Join(dir, configName), Err: err}
	}
	return LoadVocab(path, opt)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

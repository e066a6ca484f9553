package tokenizer

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/internal/paths"
)

// Names of a tokenizer's files in a Hugging Face directory.
const (
	jsonName      = "tokenizer.json"
	vocabName     = "vocab.txt"               // of BERT and its kin
	vocabJSONName = "vocab.json"              // of RoBERTa, with
	mergesName    = "merges.txt"              //
	spmName       = "spiece.model"            // of ALBERT
	bpeModelName  = "sentencepiece.bpe.model" // of XLM-R and CamemBERT
	spmV2Name     = "spm.model"               // of DeBERTa-v2

	configName      = "tokenizer_config.json"
	mapName         = "special_tokens_map.json" // older transformers wrote it, and
	addedName       = "added_tokens.json"       // this
	modelConfigName = "config.json"
)

// pieceFiles are those that the pieces may come from; the first that is there counts.
var pieceFiles = []string{jsonName, vocabName, vocabJSONName, spmName, bpeModelName, spmV2Name}

// Load reads a tokenizer from tokenizer.json (any file that ends in .json), from
// vocab.txt, from spiece.model (any that ends in .model), or from a directory with one of
// them or of the files in which RoBERTa, XLM-R, CamemBERT and DeBERTa have their pieces.
//
// In a directory the files beside that have their say as with transformers: the class of
// tokenizer_config.json or else of config.json tells which tokenizer the pieces are for,
// tokenizer_config.json has the last word on the case, accents and CJK of BERT, and
// special tokens may also be in special_tokens_map.json and added_tokens.json. Where a
// vocab.txt or a spiece.model is without tokenizer_config.json, it is taken as uncased.
// Errors are *Error and name the file.
func Load(path string) (Tokenizer, error) { return LoadAs(path, Options{}) }

// LoadAs is Load with options for a bare vocab.txt; a bare spiece.model takes the
// case from them.
func LoadAs(path string, bare Options) (Tokenizer, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, &Error{File: path, Err: paths.Cause(err)}
	case info.IsDir():
		return loadDir(path, bare)
	case strings.HasSuffix(path, ".json"):
		return loadJSON(path)
	}
	return loadBare(path, bare)
}

// loadJSON reads a tokenizer.json by itself.
func loadJSON(path string) (Tokenizer, error) {
	t, err := readJSON(path)
	if err != nil {
		return nil, err
	}
	tok, err := t.build(specials{})
	return tok, inFile(path, err)
}

// loadBare reads a spiece.model or a vocab.txt by itself.
func loadBare(path string, bare Options) (Tokenizer, error) {
	if !strings.HasSuffix(path, ".model") {
		return either(LoadVocab(path, bare))
	}
	f := familyOfFile(spmName)
	if other := familyOfFile(filepath.Base(path)); other != nil {
		f = other
	}
	return f.load(path, source{names: f.specials, cased: bare.Cased})
}

// LoadVocab reads a vocab.txt, one piece a line, to be used with opt.
func LoadVocab(path string, opt Options) (*WordPiece, error) {
	vocab, err := readVocab(path)
	if err != nil {
		return nil, err
	}
	w, err := New(vocab, opt)
	return w, inFile(path, err)
}

// inFile puts the file into an error that names none.
func inFile(path string, err error) error {
	var bad *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &bad):
		if bad.File == "" {
			bad.File = path
		}
		return err
	}
	return &Error{File: path, Err: err}
}

// File is the file that Load reads the pieces of a directory from; of any other path
// it is the path.
func File(path string) string {
	for _, name := range pieceFiles {
		if file := filepath.Join(path, name); atomicfile.Exists(file) {
			return file
		}
	}
	return path
}

// Files returns the files of a directory that have a say in its tokenizer, those with its
// pieces first; config.json is not among them.
func Files(dir string) (files []string) {
	for _, name := range append(slices.Clone(pieceFiles), mergesName, configName, mapName, addedName) {
		if file := filepath.Join(dir, name); atomicfile.Exists(file) {
			files = append(files, file)
		}
	}
	return files
}

// load reads the tokenizer of the family's own files.
func (f *family) load(path string, s source) (Tokenizer, error) {
	t, err := f.file(path, s)
	if err != nil {
		return nil, inFile(path, err)
	}
	t.addSpecials(s.names)
	tok, err := t.build(s.names)
	if err != nil {
		return nil, inFile(path, err)
	}
	coreOf(tok).class = f.classes[0]
	return tok, nil
}

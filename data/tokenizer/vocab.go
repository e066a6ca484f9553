package tokenizer

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/powerbert/powerbert/internal/manifest"
	"github.com/powerbert/powerbert/internal/paths"
)

// maxFile is the largest vocabulary or tokenizer file that is read, in bytes:
// many times the largest BERT vocabulary in use.
const maxFile = 64 << 20

// readFile reads a file of at most maxFile bytes.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{File: path, Err: paths.Cause(err)}
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, &Error{File: path, Err: paths.Cause(err)}
	}
	if len(content) > maxFile {
		return nil, &Error{File: path, Err: fmt.Errorf("more than %d MiB, want a vocabulary", maxFile>>20)}
	}
	err = manifest.Check(path, content)
	if filepath.Base(path) == modelConfigName { // the model's, which people edit
		err = manifest.Forgive(path, err)
	}
	if err = cmp.Or(paths.Pointer(content), err); err != nil {
		return nil, &Error{File: path, Err: err}
	}
	return content, nil
}

// readLines reads the lines of a file, which end in \n or \r\n.
func readLines(path string) ([]string, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(content, []byte("\uFEFF")) {
		return nil, &Error{File: path, Line: 1, Err: fmt.Errorf("begins with a byte order mark; save it as UTF-8 without one")}
	}
	var lines []string
	for line := range bytes.Lines(content) {
		lines = append(lines, strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r"))
	}
	return lines, nil
}

// readVocab reads vocab.txt: one piece a line, ids from 0. As in the reference white
// space at the end of a line is no part of the piece, and a blank line is an id without
// one.
func readVocab(path string) ([]string, error) {
	vocab, err := readLines(path)
	for i, line := range vocab {
		vocab[i] = strings.TrimRightFunc(line, isSpace)
		switch {
		case !utf8.ValidString(line):
			return nil, &Error{File: path, Line: i + 1, Err: fmt.Errorf("piece %q is not UTF-8", line)}
		case strings.Contains(vocab[i], "\r"):
			return nil, &Error{File: path, Line: i + 1, Err: fmt.Errorf("piece %q holds a carriage return: it may be one line or two; end lines in \\n", line)}
		}
	}
	return vocab, err
}

// writeVocab is the opposite of readVocab.
func writeVocab(vocab []string) []byte {
	return []byte(strings.Join(vocab, "\n") + "\n")
}

package tokenizer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxFile is the largest vocabulary or tokenizer file that is read, in bytes:
// many times the largest BERT vocabulary in use.
const maxFile = 64 << 20

// readFile reads a file of at most maxFile bytes.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{File: path, Err: cause(err)}
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, &Error{File: path, Err: cause(err)}
	}
	if len(content) > maxFile {
		return nil, &Error{File: path, Err: fmt.Errorf("more than %d MiB, want a vocabulary", maxFile>>20)}
	}
	return content, nil
}

// cause strips the path off an error of package os: Error names the file.
func cause(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// readVocab reads vocab.txt: one piece a line, ids from 0, lines ending in \n
// or \r\n. What the pieces are is for New to check.
func readVocab(path string) ([]string, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(content, []byte("\uFEFF")) {
		return nil, &Error{File: path, Line: 1, Err: fmt.Errorf("begins with a byte order mark; save it as UTF-8 without one")}
	}
	var vocab []string
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, maxFile+1)
	for lines.Scan() {
		vocab = append(vocab, lines.Text())
	}
	if err := lines.Err(); err != nil {
		return nil, &Error{File: path, Line: len(vocab) + 1, Err: err}
	}
	return vocab, nil
}

// writeVocab is the opposite of readVocab.
func writeVocab(vocab []string) []byte {
	return []byte(strings.Join(vocab, "\n") + "\n")
}

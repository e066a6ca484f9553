package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// merges are the pairs of pieces that BPE joins, in their order.
type merges [][2]string

// UnmarshalJSON reads ["a b", …] or [["a", "b"], …].
func (m *merges) UnmarshalJSON(content []byte) error {
	var lines []string
	*m = merges{} // a list that is there is not nil
	if json.Unmarshal(content, &lines) != nil {
		return json.Unmarshal(content, (*[][2]string)(m))
	}
	return m.read(lines, "model.merges", 0)
}

// read splits lines, which lie in file after so many others.
func (m *merges) read(lines []string, file string, before int) error {
	for i, line := range lines {
		left, right, ok := strings.Cut(line, " ")
		if !ok || strings.Contains(right, " ") {
			return fmt.Errorf("%s: entry %d is %q, want two pieces with a space between", file, before+i+1, line)
		}
		*m = append(*m, [2]string{left, right})
	}
	return nil
}

// MarshalJSON writes ["a b", …], which every edition of the reference reads, unless a
// piece holds a space.
func (m merges) MarshalJSON() ([]byte, error) {
	lines := make([]string, len(m))
	for i, pair := range m {
		if strings.Contains(pair[0]+pair[1], " ") {
			return json.Marshal([][2]string(m))
		}
		lines[i] = pair[0] + " " + pair[1]
	}
	return json.Marshal(lines)
}

// readMerges reads merges.txt: a pair a line, after a line with a version.
func readMerges(path string) (merges, error) {
	lines, err := readLines(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &Error{File: path, Err: fmt.Errorf("is not there; %s needs it", vocabJSONName)}
	}
	if err != nil {
		return nil, err
	}
	list, before := merges{}, 0
	if len(lines) > 0 && strings.HasPrefix(lines[0], "#version") {
		lines, before = lines[1:], 1
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if err := list.read(lines, "merges", before); err != nil {
		return nil, &Error{File: path, Err: err}
	}
	return list, nil
}

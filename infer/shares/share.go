package shares

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// A Share is one of several equal ones of a corpus.
type Share struct {
	Index int `json:"index"` // from 0
	Of    int `json:"of"`
}

// Parse reads I/N, I from 0 to N-1.
func Parse(text string) (Share, error) {
	index, of, _ := strings.Cut(text, "/")
	i, bad := strconv.Atoi(index)
	n, worse := strconv.Atoi(of)
	if bad != nil || worse != nil || i < 0 || i >= n {
		return Share{}, fmt.Errorf("is %q, want I/N with I from 0 to N-1, as 0/16 to 15/16", text)
	}
	return Share{i, n}, nil
}

// String is I/N.
func (s Share) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// Rows returns the range of the share among so many rows, to not included.
func (s Share) Rows(total int) (from, to int) {
	each, more := total/s.Of, total%s.Of
	begin := func(i int) int { return i*each + min(i, more) }
	return begin(s.Index), begin(s.Index + 1)
}

func (s Share) name() string { return fmt.Sprintf("part-%05d-of-%05d", s.Index, s.Of) }

// Part returns the file of the share's predictions in a folder.
func (s Share) Part(dir, format string) string { return filepath.Join(dir, s.name()+"."+format) }

// record is the file of the share's Record. Readers of whole folders, as Spark and pyarrow
// are, leave out what begins with an underscore.
func (s Share) record(dir string) string { return filepath.Join(dir, "_"+s.name()+".json") }

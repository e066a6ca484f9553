package data

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mostFiles is how many files of texts are named one by one.
const mostFiles = 4

// loadUnlabelled reads the source's texts without labels: examples of the problem and the
// labels of a set, whose own labels are to be found. Columns are those of the task; other
// ones, a label among them, are passed over. A file has a text a line where neither its name
// nor the source tells a format.
func (src Source) loadUnlabelled(like *Set) (*Set, error) {
	lay, err := src.layout()
	if err != nil {
		return nil, err
	}
	lay.label, lay.keep = "", nil
	told := src.Format != "" || src.Delimiter != ""
	whole := &Set{Problem: like.Problem, Paired: like.Paired, Labels: like.Labels}
	files := src.expand(src.Unlabelled)
	for i, path := range files {
		of := lay
		if !told && formatBySuffix(path) == "" {
			of.format, of.known, of.text = Lines, lay.text, nil
		}
		part, err := readTexts(path, of, src.SkipMalformed)
		if err != nil {
			return nil, err
		}
		if i >= mostFiles {
			whole.Path = "" // which would grow with every file
		}
		whole.add(part, i)
	}
	if n := len(files); n > mostFiles {
		whole.Path = fmt.Sprintf("%s and %d more files", files[0], n-1)
	}
	return whole, nil
}

// only leaves out what the other sets have, too, and all but the first of what comes again.
// It reports that nothing is left.
func (s *Set) only(sets *Sets) error {
	var others []*Set
	sets.Each(func(_ string, set *Set) { others = append(others, set) })
	seen := hashes(others)
	s.Examples = slices.DeleteFunc(s.Examples, func(e Example) bool {
		hash := e.hash()
		was := seen[hash]
		seen[hash] = true
		return was
	})
	if len(s.Examples) == 0 {
		return errorf(s.Path, 0, "holds no text that is not among the training or the dev examples")
	}
	return nil
}

// readTexts reads all texts of a file in a layout.
func readTexts(path string, lay layout, skip bool) (*Set, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, readError(path, 0, err)
	}
	if info.IsDir() {
		return nil, errorf(path, 0, "is a folder; name its files, as %s", filepath.Join(path, "*.txt"))
	}
	in, err := openLayout(path, lay, skip)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	set := &Set{Path: path}
	for {
		e, bad, err := in.row()
		switch {
		case err == io.EOF && len(set.Examples) == 0:
			return nil, errorf(path, 0, "holds no texts (%d malformed rows)", len(set.Skipped))
		case err == io.EOF:
			return set, nil
		case err != nil:
			return nil, err
		case bad != nil:
			set.Skipped = append(set.Skipped, *bad)
		case strings.TrimSpace(e.Text) != "":
			set.Examples = append(set.Examples, e)
		}
	}
}

// openLayout opens a file of texts in a layout.
func openLayout(path string, lay layout, skip bool) (*Texts, error) {
	if lay.format == Lines && len(lay.known) > 1 {
		return nil, &Error{File: path, Err: errors.New("has a text a line, but the task is of pairs; want a table of both columns, as its suffix tells: " + columnedList)}
	}
	if lay.format != Lines {
		var err error
		if lay, err = lay.of(path); err != nil {
			return nil, err
		}
	}
	t := &Texts{Paired: len(lay.text) == 2, path: path, texts: max(len(lay.text), 1), skip: skip}
	if err := t.open(lay, func() (*bufio.Reader, func() error, error) { return OpenText(path) }); err != nil {
		return nil, err
	}
	return t, nil
}

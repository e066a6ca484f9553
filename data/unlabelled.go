package data

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"
)

// loadUnlabelled reads the source's texts without labels: examples of the problem and the
// labels of a set, whose own labels are to be found. Columns are those of the task; other
// ones, a label among them, are passed over. A file whose name
// tells no format, nor the source, has a text a line.
func (src Source) loadUnlabelled(like *Set) (*Set, error) {
	lay, err := src.layout()
	if err != nil {
		return nil, err
	}
	lay.label, lay.keep = "", nil
	told := src.Format != "" || src.Delimiter != ""
	whole := &Set{Problem: like.Problem, Paired: like.Paired, Labels: like.Labels}
	for i, path := range src.expand(src.Unlabelled) {
		of := lay
		if !told && formatBySuffix(path) == "" {
			of.format, of.known, of.text = Lines, lay.text, nil
		}
		part, err := readTexts(path, of, src.SkipMalformed)
		if err != nil {
			return nil, err
		}
		whole.add(part, i)
	}
	return whole, nil
}

// only leaves out what the other sets have, too, and all but the first of what comes again.
// It reports that nothing is left.
func (s *Set) only(sets *Sets) error {
	type text struct{ text, pair string }
	seen := map[text]bool{}
	again := func(e Example) bool {
		key := text{e.Text, e.Pair}
		was := seen[key]
		seen[key] = true
		return was
	}
	sets.Each(func(_ string, set *Set) {
		for _, e := range set.Examples {
			again(e)
		}
	})
	if s.Examples = slices.DeleteFunc(s.Examples, again); len(s.Examples) == 0 {
		return errorf(s.Path, 0, "holds no text that is not among the training or the dev examples")
	}
	return nil
}

// readTexts reads all texts of a file in a layout.
func readTexts(path string, lay layout, skip bool) (*Set, error) {
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

package data

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// Load reads the training and dev sets of a source. Both have the same labels:
// those that the source lists, the task's own, or all that the training file
// holds, sorted (as numbers if all of them are).
//
// It reports an *Error with file and line for a file that cannot be read, a
// column that is missing, a label that is not among the labels, and, unless
// src.SkipMalformed, for the first malformed row.
func Load(src Source) (train, dev *Set, err error) {
	if src.Task == TaskDemo {
		train, dev = DemoTask(src.Demo)
		return train, dev, nil
	}
	trainPath, devPath, err := src.paths()
	if err != nil {
		return nil, nil, err
	}
	if train, err = LoadFile(src, trainPath, nil); err != nil {
		return nil, nil, err
	}
	if len(train.Labels) < 2 {
		return nil, nil, errorf(trainPath, 0, "has the one label %s, want two or more", quoted(train.Labels))
	}
	dev, err = LoadFile(src, devPath, train.Labels)
	return train, dev, err
}

// LoadDev reads the dev set of a source alone, with labels in the order of their
// ids, and reports the errors of Load.
func LoadDev(src Source, labels []string) (*Set, error) {
	if src.Task == TaskDemo {
		_, dev := DemoTask(src.Demo)
		return dev, nil
	}
	_, path, err := src.paths()
	if err != nil {
		return nil, err
	}
	return LoadFile(src, path, labels)
}

// LoadFile reads one more file in the layout of a source, with labels in the
// order of their ids; nil: as Load finds them for a training file. A path is
// taken as it is, not from src.Dir. It reports the errors of Load.
func LoadFile(src Source, path string, labels []string) (*Set, error) {
	lay, err := src.layout()
	if err != nil {
		return nil, err
	}
	if lay, err = lay.of(path); err != nil {
		return nil, err
	}
	if labels != nil {
		lay.labels = labels
	}
	return load(path, lay, src.SkipMalformed)
}

func load(path string, lay layout, skip bool) (*Set, error) {
	text, closeFile, err := open(path)
	if err != nil {
		return nil, err
	}
	defer closeFile()
	return loadText(text, path, lay, skip)
}

func loadText(text *bufio.Reader, path string, lay layout, skip bool) (*Set, error) {
	rows, line, err := newRowReader(text, lay)
	if err != nil {
		return nil, readError(path, line, err)
	}
	set := &Set{Path: path, Paired: len(lay.text) == 2, Labels: lay.labels}
	names, err := set.read(rows, skip)
	if err != nil {
		return nil, err
	}
	if len(set.Examples) == 0 {
		return nil, errorf(path, 0, "holds no examples (%d malformed rows)", len(set.Skipped))
	}
	if set.Labels == nil {
		set.Labels = collect(names)
	}
	return set, set.assign(names)
}

// read fills the set with all rows and returns their labels' names.
func (s *Set) read(rows rowReader, skip bool) (names []string, err error) {
	for {
		fields, line, err := rows.next()
		if err == io.EOF {
			return names, nil
		}
		if err == nil && strings.TrimSpace(fields[len(fields)-1]) == "" {
			err = malformed("has an empty label")
		}
		if reason := malformed(""); skip && errors.As(err, &reason) {
			s.Skipped = append(s.Skipped, Malformed{Line: line, Reason: string(reason)})
			continue
		}
		if err != nil {
			return nil, readError(s.Path, line, err)
		}
		names = append(names, strings.TrimSpace(fields[len(fields)-1]))
		s.add(fields, line)
	}
}

func (s *Set) add(fields []string, line int) {
	e := Example{Text: fields[0], Line: line}
	if s.Paired {
		e.Pair = fields[1]
	}
	s.Examples = append(s.Examples, e)
}

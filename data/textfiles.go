package data

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"slices"
)

// A TextFile is a file of a corpus whose rows have been counted.
type TextFile struct {
	Name      string `json:"name"`
	Bytes     int64  `json:"bytes"`
	Rows      int    `json:"rows"`
	Malformed int    `json:"malformed"` // of the rows
}

// TextFiles returns the files that names and patterns as *.csv stand for, in their order
// and those of a pattern sorted, of a folder of RACE its .txt files. It reports an error for
// a file that comes twice, and where there is none.
func (src TextSource) TextFiles(patterns []string) (files []string, err error) {
	for _, pattern := range patterns {
		for _, path := range matching(pattern) {
			list := []string{path}
			if src.format() == RACE && path != "-" {
				if list, err = txtFiles(path); err != nil {
					return nil, readError(path, 0, err)
				}
			}
			files = append(files, list...)
		}
	}
	if len(files) == 0 {
		return nil, errorf(patterns[0], 0, "has no .txt files in it")
	}
	return files, src.alike(files)
}

// alike reports an error where a file comes twice, or its suffix tells another format than
// that of the first and none is given.
func (src TextSource) alike(files []string) error {
	seen := map[string]bool{}
	format := formatBySuffix(files[0])
	for _, file := range files {
		if seen[file] {
			return errorf(file, 0, "comes twice among the files of texts; name it once")
		}
		seen[file] = true
		if other := formatBySuffix(file); src.Format == "" && other != format {
			return errorf(file, 0, "is %s, but %s is %s; predict the files of each format by themselves, or tell the format", cmp.Or(other, Lines), files[0], cmp.Or(format, Lines))
		}
	}
	return nil
}

// each opens the files one after another. All have the format of the first, and tables its
// header. Among several an empty table has no rows, so do is not called for it.
func (src TextSource) each(files []string, do func(at int, t *Texts) error) error {
	src.Path = files[0]
	src.Format = src.format()
	var header []string
	for i, file := range files {
		t, err := src.among(file, len(files))
		if err != nil {
			return err
		}
		if t == nil {
			continue
		}
		if header == nil {
			header = t.header()
		}
		if !slices.Equal(header, t.header()) {
			err = errorf(file, 1, "the header is %s, want %s as in the files before it", quoted(t.header()), quoted(header))
		}
		if err == nil {
			err = do(i, t)
		}
		if err := errors.Join(err, t.Close()); err != nil {
			return err
		}
	}
	return nil
}

// among opens one of so many files, or returns nil for a table without a header among several.
func (src TextSource) among(file string, files int) (*Texts, error) {
	src.Path = file
	t, err := OpenTexts(src)
	if files > 1 && errors.Is(err, errEmpty) {
		return nil, nil
	}
	return t, err
}

// Count counts the rows of files, reading them to their ends. It reports an *Error for the
// first row that may not be left out, and for a header that is not the first file's.
func (src TextSource) Count(ctx context.Context, files []string) ([]TextFile, error) {
	counted := make([]TextFile, len(files))
	for i, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return nil, readError(file, 0, err)
		}
		counted[i] = TextFile{Name: file, Bytes: info.Size()}
	}
	err := src.each(files, func(at int, t *Texts) error {
		for ctx.Err() == nil {
			_, bad, err := t.row()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			counted[at].Rows++
			if bad != nil {
				counted[at].Malformed++
			}
		}
		return ctx.Err()
	})
	return counted, err
}

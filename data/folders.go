package data

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// txtFiles are the .txt files under a folder, in the order of their paths, or the
// one file that path is.
func txtFiles(path string) ([]string, error) {
	var list []string
	err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && (file == path || filepath.Ext(file) == ".txt") {
			list = append(list, file)
		}
		return err
	})
	return list, err
}

// reviewRows reads the review directories of the Large Movie Review Dataset: a
// folder per label with a text in every file. Its rows are the text and the label.
type reviewRows struct {
	labels []string // by file
	files  []string
	file   string // of the last row
	err    error  // of listing them
}

func newReviewRows(path string, labels []string) *reviewRows {
	r := &reviewRows{}
	for _, label := range labels {
		files, err := txtFiles(filepath.Join(path, label))
		if err != nil {
			r.err = readError(filepath.Join(path, label), 0, err)
			return r
		}
		for _, file := range files {
			r.files, r.labels = append(r.files, file), append(r.labels, label)
		}
	}
	return r
}

func (r *reviewRows) next() ([]string, int, error) {
	if r.err != nil {
		return nil, 0, r.err
	}
	if len(r.files) == 0 {
		return nil, 0, io.EOF
	}
	file, label := r.files[0], r.labels[0]
	r.file, r.files, r.labels = file, r.files[1:], r.labels[1:]
	text, err := os.ReadFile(file)
	switch {
	case err != nil:
		r.err = readError(file, 0, err)
		return nil, 0, r.err
	case !utf8.Valid(text):
		return nil, 0, &Error{File: file, Err: notUTF8}
	}
	return []string{strings.TrimSpace(string(text)), label}, 0, nil
}

// at is the file of the last row.
func (r *reviewRows) at() string { return r.file }

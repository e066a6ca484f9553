package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/powerbert/powerbert/data"
)

// At is an error of what a key names, with where the key is given: "mine.yaml:3: model: ...".
func (e *Experiment) At(key string, err error) error {
	at, given := e.places[key]
	if err == nil || !given {
		return err
	}
	return fmt.Errorf("%s: %w", Problem{Source: at.source, Line: at.line, Text: key}, err)
}

// ReadError is an error of reading the data, with what to do about a row without a label or a
// file that is not there, and the key that names this.
func (e *Experiment) ReadError(err error) error {
	var of *data.Error
	if data.IsUnlabelled(err) {
		return fmt.Errorf("%w; mend the row, or leave such rows out with data.on_malformed: skip", err)
	}
	if !errors.As(err, &of) || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	key, from := "data.dir", "the folder of the task as it is distributed"
	for _, names := range []struct {
		key   string
		files Names
	}{{"data.dev", e.Data.Dev}, {"data.train", e.Data.Train}, {keyUnlabelled, e.Data.Unlabelled}} {
		if slices.ContainsFunc(names.files.list(), func(file string) bool { return of.File == file || of.File == filepath.Join(e.Data.Dir, file) }) {
			key, from = names.key, "a file that is there, from the working directory or the experiment's folder"
			if e.Data.Dir != "" {
				from = "a file that is there, from data.dir"
			}
		}
	}
	return e.At(key, fmt.Errorf("%w; name %s", err, from))
}

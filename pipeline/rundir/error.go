package rundir

import (
	"fmt"

	"github.com/powerbert/powerbert/internal/paths"
)

// A StateError tells that a run directory is not in a state that allows what was asked
// for, and what to do about it.
type StateError struct {
	Dir, Problem string
}

// Error is `directory: problem`.
func (e *StateError) Error() string { return e.Dir + ": " + e.Problem }

// Errorf is the *StateError of a directory with a message.
func Errorf(dir, format string, args ...any) error {
	return &StateError{dir, fmt.Sprintf(format, args...)}
}

// A FileError is a fault of a file that a stage left.
type FileError struct {
	Path string
	Err  error
}

// Error is `path: not readable: what`, with the remedy.
func (e *FileError) Error() string {
	return fmt.Sprintf("%s: not readable: %v; run the stage again with --overwrite", e.Path, e.Err)
}

// Unwrap is what is wrong, without the path.
func (e *FileError) Unwrap() error { return e.Err }

// unreadable is the *FileError of a path, which err need not say again.
func unreadable(path string, err error) error {
	return &FileError{path, paths.Cause(err)}
}

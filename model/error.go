package model

import (
	"errors"
	"fmt"
	"strings"

	"github.com/powerbert/powerbert/internal/paths"
)

// An Error is a fault of the user's model: of a file in its directory, or of
// what the files say together.
type Error struct {
	Path string // file or directory
	Err  error  // what is wrong with it, several things joined with errors.Join
}

// Error is `path: what`, one line for each thing that is wrong.
func (e *Error) Error() string {
	prefix := e.Path + ": "
	return prefix + strings.ReplaceAll(e.Err.Error(), "\n", "\n"+prefix)
}

// Unwrap is what is wrong, without the path.
func (e *Error) Unwrap() error { return e.Err }

// at makes err an Error about path. An Error keeps its own path, one of the file
// system gives up its own; nil stays nil.
func at(path string, err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return &Error{Path: path, Err: paths.Cause(err)}
}

// errorf is the Error of a path with a message.
func errorf(path, format string, args ...any) error {
	return &Error{Path: path, Err: fmt.Errorf(format, args...)}
}

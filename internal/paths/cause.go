package paths

import (
	"errors"
	"io/fs"
)

// Cause returns an error without the path that an error of the file system names, for a
// message that names it already.
func Cause(err error) error {
	if of := new(fs.PathError); errors.As(err, &of) {
		return of.Err
	}
	return err
}

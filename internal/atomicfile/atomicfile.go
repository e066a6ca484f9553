// Package atomicfile replaces files and folders whole: whatever happens, a reader
// finds the old one or the new one.
//
// A new file or folder is written beside its target under a hidden name, synced to
// the disk, and renamed. A program that is killed leaves at most such hidden names
// behind; Clean, called where a program starts to use a folder, removes them and
// finishes what was complete but for its last rename.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// create opens a new file. Tests replace it to fill the disk.
var create = func(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}

// Write replaces the file at path with data.
func Write(path string, data []byte) error {
	return WriteWith(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// WriteWith replaces the file at path with what write writes, which is buffered.
// If it or the disk fails, the old file stays and nothing else is left.
func WriteWith(path string, write func(io.Writer) error) error {
	tmp := beside(path, partial)
	if err := fill(tmp, write); err != nil {
		os.Remove(tmp)
		return rename(err, tmp, path)
	}
	if err := move(tmp, path); err != nil {
		os.Remove(tmp)
		return rename(err, tmp, path)
	}
	return syncDir(filepath.Dir(path))
}

// Writable reports what keeps Write from a file at path: its folder, or a folder in its
// place. It leaves nothing.
func Writable(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return &fs.PathError{Op: "replace", Path: path, Err: syscall.EEXIST}
	}
	tmp := beside(path, partial)
	f, err := create(tmp)
	if err != nil {
		return rename(err, tmp, path)
	}
	return rename(errors.Join(f.Close(), os.Remove(tmp)), tmp, path)
}

// fill writes a new file and syncs it.
func fill(path string, write func(io.Writer) error) (err error) {
	f, err := create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<16)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return Sync(f)
}

// Exists tells whether there is something at path. Only what does not exist is absent, nor
// can it where a file stands in the place of a folder: what cannot be looked at, for want of
// permission or by a fault of the disk, is taken to be there, so that opening it says what
// is wrong, where work would be done anew.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return !isAbsence(err)
}

func isAbsence(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || onWindows(err, invalidName)
}

// Remove removes the file at path, if it is there, for good.
func Remove(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// beside is a hidden name for path in its own folder, of a kind that Clean knows.
func beside(path, kind string) string {
	dir, name := filepath.Split(path)
	name = "." + name + kind
	if kind == partial {
		name += fmt.Sprintf("%016x", rand.Uint64())
	}
	return filepath.Join(dir, name)
}

// rename makes an error about tmp, or a file in it, one about path, which the
// user knows.
func rename(err error, tmp, path string) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		inside, ok := strings.CutPrefix(p.Path, tmp)
		if ok && (inside == "" || os.IsPathSeparator(inside[0])) {
			return &fs.PathError{Op: p.Op, Path: path + inside, Err: p.Err}
		}
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return &fs.PathError{Op: "replace", Path: path, Err: l.Err}
	}
	return err
}

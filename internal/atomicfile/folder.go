package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// The kinds of hidden names. A folder cannot be renamed over another, so one that
// is replaced takes three renames: partial → complete, target → old, complete →
// target. From the first on, the new folder is the one that counts.
const (
	partial  = ".partial-"
	complete = ".swap-new"
	old      = ".swap-old"
)

// WriteDir replaces the folder at path with a new one, which write fills. Files
// are synced when write returns. If it or the disk fails, the old folder stays
// and nothing else is left.
//
// A kill may come between the renames and leave no folder at path: read it
// through OpenDir. Nobody else may be writing the same folder.
func WriteDir(path string, write func(dir string) error) error {
	path = filepath.Clean(path)
	tmp := beside(path, partial)
	err := sweep(path)
	if err == nil {
		err = fillFolder(tmp, write)
	}
	if err == nil {
		err = finish(path)
	}
	if err == nil {
		err = move(tmp, beside(path, complete))
	}
	if err != nil {
		return errors.Join(rename(err, tmp, path), os.RemoveAll(tmp))
	}
	return finish(path)
}

// OpenDir finishes what a kill has left of replacing the folder at path, and
// returns path if there is a folder then.
func OpenDir(path string) (string, error) {
	path = filepath.Clean(path)
	if err := errors.Join(sweep(path), finish(path)); err != nil {
		return "", err
	}
	s, err := os.Stat(path)
	if err == nil && !s.IsDir() {
		err = &fs.PathError{Op: "open", Path: path, Err: errors.New("not a folder")}
	}
	return path, err
}

// DirExists tells whether OpenDir would find a folder at path, or what is wrong with it.
func DirExists(path string) bool {
	path = filepath.Clean(path)
	return exists(path) || exists(beside(path, complete)) || exists(beside(path, old))
}

// RemoveDir removes the folder at path, and what kills have left of it. A kill
// while it does leaves the folder whole or not at all.
func RemoveDir(path string) error {
	path = filepath.Clean(path)
	if err := errors.Join(finish(path), sweep(path)); err != nil || !exists(path) {
		return err
	}
	tmp := beside(path, partial)
	if err := move(path, tmp); err != nil {
		return err
	}
	return os.RemoveAll(tmp)
}

// sweep removes unfinished versions of path.
func sweep(path string) error {
	return leftovers(filepath.Dir(path), func(left, target, kind string) error {
		if target != path || kind == complete || kind == old {
			return nil
		}
		return os.RemoveAll(left)
	})
}

// fillFolder makes a folder and syncs all that write puts there.
func fillFolder(dir string, write func(dir string) error) error {
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	if err := write(dir); err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return syncDir(path)
		}
		return syncFile(path)
	})
}

// finish completes the replacement of the folder at path, wherever it stopped. It removes
// nothing unless it could look at all versions.
func finish(path string) error {
	ready, former := beside(path, complete), beside(path, old)
	if err := lookAt(path, ready, former); err != nil {
		return err
	}
	if exists(ready) {
		if exists(path) {
			if err := errors.Join(os.RemoveAll(former), move(path, former)); err != nil {
				return err
			}
		}
		if err := move(ready, path); err != nil {
			return err
		}
	}
	switch {
	case exists(former) && !exists(path):
		return move(former, path)
	case exists(former): // else there is nothing to write, perhaps on a read-only disk
		if err := os.RemoveAll(former); err != nil {
			return err
		}
	}
	return syncDir(filepath.Dir(path))
}

// exists is Exists of the name itself, a link to nothing included.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !isAbsence(err)
}

// lookAt reports the first path of which it cannot be told whether it is there.
func lookAt(paths ...string) error {
	for _, path := range paths {
		if _, err := os.Lstat(path); err != nil && !isAbsence(err) {
			return err
		}
	}
	return nil
}

// hidden matches the names that this package makes; its first group is the target's.
var hidden = regexp.MustCompile(`^\.(.+)(\.partial-[0-9a-f]{16}|\.swap-new|\.swap-old)$`)

// Clean removes what killed programs left in a folder, and finishes replacements
// that were complete. Nobody else may be writing there. A folder that does not
// exist is clean.
func Clean(dir string) error {
	return leftovers(dir, func(left, target, kind string) error {
		if kind == complete || kind == old {
			return finish(target)
		}
		return os.RemoveAll(left)
	})
}

// leftovers calls do for each hidden name in a folder, with the target it was
// beside and its kind.
func leftovers(dir string, do func(left, target, kind string) error) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if m := hidden.FindStringSubmatch(e.Name()); m != nil {
			err = errors.Join(err, do(filepath.Join(dir, e.Name()), filepath.Join(dir, m[1]), m[2]))
		}
	}
	return err
}

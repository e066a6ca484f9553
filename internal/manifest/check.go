package manifest

import (
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"
)

// Off keeps Check, Reader and All from looking into manifests. It is for the beginning of
// a program, before anything is read.
var Off bool

// A DamageError tells that a file is not what its manifest says. It does not name the file.
type DamageError struct{ got, want sum }

// Error says what differs, and how to go on.
func (e *DamageError) Error() string {
	return e.Difference() + ": it is damaged, or another file; put back a copy, or if the change is meant remove " + Name
}

// Difference says what differs.
func (e *DamageError) Difference() string {
	if e.got.Bytes != e.want.Bytes {
		return fmt.Sprintf("has %d bytes where %s says %d", e.got.Bytes, Name, e.want.Bytes)
	}
	return fmt.Sprintf("has CRC-32C %s where %s says %s", e.got.CRC32C, Name, e.want.CRC32C)
}

// errReplaced is the error of a file that was replaced between two looks at it.
var errReplaced = errors.New("was replaced while it was read; run the command again")

// Check reports a *DamageError where the content of the file at path is not what the
// manifest of its folder says.
func Check(path string, content []byte) error {
	return check(path, sumOf(int64(len(content)), crc32.Checksum(content, castagnoli)))
}

// CheckFile is Check of the file as it is.
func CheckFile(path string) error {
	_, listed, err := wanted(path)
	if err != nil || !listed {
		return err
	}
	got, err := sumFile(path)
	if err != nil {
		return err
	}
	return check(path, got)
}

// check is Check of what was read. A file that agrees with the manifest by now was replaced
// meanwhile.
func check(path string, got sum) error {
	want, listed, err := wanted(path)
	if err != nil || !listed || got == want {
		return err
	}
	now, errNow := sumFile(path)
	want, listed, err = wanted(path)
	switch {
	case errors.Join(errNow, err) != nil:
		return errors.Join(errNow, err)
	case !listed || now == want:
		return errReplaced
	}
	return &DamageError{now, want}
}

// wanted is what the manifest of a file's folder says of it.
func wanted(path string) (want sum, listed bool, err error) {
	if Off {
		return sum{}, false, nil
	}
	l, err := read(filepath.Dir(path))
	want, listed = l[filepath.Base(path)]
	return want, listed, err
}

// All holds every listed file of a folder against its manifest, in the order of the names.
// A folder without a manifest has nothing to report.
func All(dir string) (faults []Fault, err error) {
	if Off {
		return nil, nil
	}
	_, faults, err = Examine(dir)
	return faults, err
}

// Examine is All with the names of the files that are listed, whether or not Off is set.
func Examine(dir string) (listed []string, faults []Fault, err error) {
	l, err := read(dir)
	listed = slices.Sorted(maps.Keys(l))
	for _, name := range listed {
		path := filepath.Join(dir, name)
		got, err := sumFile(path)
		if err == nil && got != l[name] {
			err = &DamageError{got, l[name]}
		}
		if err != nil {
			faults = append(faults, Fault{path, err})
		}
	}
	return listed, faults, err
}

// A Fault is a listed file that is not what the manifest says, or cannot be read.
type Fault struct {
	Path string
	Err  error // which may name the path again
}

// warned holds the files of which Forgive has warned.
var warned sync.Map

// Forgive warns once of the file at path, where err is a *DamageError, and returns any
// other error. It is for files that people edit.
func Forgive(path string, err error) error {
	damage := new(DamageError)
	if !errors.As(err, &damage) {
		return err
	}
	if _, again := warned.LoadOrStore(path+damage.got.CRC32C, true); !again {
		slog.Warn(path + ": is not as it was written: edited by hand, or damaged")
	}
	return nil
}

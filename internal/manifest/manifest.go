// Package manifest keeps the size and the CRC-32C of files beside them, so that whoever
// reads one learns that it is not what was written: cut short, zeroed, a flipped bit, or
// another run's.
//
// Each folder has one manifest, which lists the files that were written through Update.
// A file leaves it before it is replaced and enters it again when it is on the disk.
// So a program that is killed anywhere leaves files that are listed and as they were
// written, or not listed: what differs from the manifest is damaged, or was changed by
// somebody else. What is not listed, as all of a folder without a manifest, is not checked.
package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/powerbert/powerbert/internal/atomicfile"
)

// Name is the name of a folder's manifest.
const Name = "powerbert_manifest.json"

// castagnoli is the polynomial of CRC-32C, which processors have an instruction for.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A sum is what a manifest says of a file.
type sum struct {
	Bytes  int64  `json:"bytes"`
	CRC32C string `json:"crc32c"` // 8 hexadecimal digits
}

func sumOf(bytes int64, crc uint32) sum { return sum{bytes, fmt.Sprintf("%08x", crc)} }

// A list is the sums of a folder's files by their names.
type list map[string]sum

// document is a manifest as a file: the list, and the CRC-32C of its JSON without spaces.
type document struct {
	Files  list   `json:"files"`
	CRC32C string `json:"crc32c"`
}

// read returns the manifest of a folder, nil where it has none. A damaged one is an
// *fs.PathError that says how to do without.
func read(dir string) (list, error) {
	path := filepath.Join(dir, Name)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var d document
	if err := json.Unmarshal(text, &d); err != nil || d.CRC32C != d.Files.crc() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errDamaged}
	}
	return d.Files, nil
}

var errDamaged = errors.New(Name + " is damaged; remove it to have the files beside it read unchecked")

// crc is the CRC-32C of the list.
func (l list) crc() string {
	text, err := json.Marshal(l) // in the order of the names
	if err != nil {
		panic(err) // no list of strings and numbers
	}
	return sumOf(0, crc32.Checksum(text, castagnoli)).CRC32C
}

func (l list) write(dir string) error {
	text, err := json.MarshalIndent(document{l, l.crc()}, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(dir, Name), append(text, '\n'))
}

// Update has write make, replace or remove files of a folder, which is there, and lists
// those of the given names that are there then. If write fails none of them is listed.
// Nobody else may be writing in the folder.
func Update(dir string, names []string, write func() error) error {
	l, err := read(dir)
	if err != nil {
		return err
	}
	before := len(l)
	maps.DeleteFunc(l, func(name string, _ sum) bool { return slices.Contains(names, name) })
	if len(l) != before {
		if err := l.write(dir); err != nil {
			return err
		}
	}
	if err := write(); err != nil {
		return err
	}
	return l.enter(dir, names)
}

// enter lists files of a folder that are there.
func (l list) enter(dir string, names []string) error {
	there := maps.Clone(l)
	for _, name := range names {
		s, err := sumFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if there == nil {
			there = list{}
		}
		there[name] = s
	}
	if len(there) == len(l) {
		return nil
	}
	return there.write(dir)
}

// Write replaces the file at path, whose folder is there, and lists it.
func Write(path string, data []byte) error {
	return Update(filepath.Dir(path), []string{filepath.Base(path)}, func() error { return atomicfile.Write(path, data) })
}

// sumFile reads a file to its end.
func sumFile(path string) (sum, error) {
	f, err := os.Open(path)
	if err != nil {
		return sum{}, err
	}
	defer f.Close()
	hash := crc32.New(castagnoli)
	n, err := io.Copy(hash, f)
	return sumOf(n, hash.Sum32()), err
}

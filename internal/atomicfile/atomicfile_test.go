package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// names lists a folder, hidden names included.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func contains(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s holds %q (%v), want %q", filepath.Base(path), got, err, want)
	}
}

func TestWriteReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "result.json")
	for _, text := range []string{"first", "second and longer", "", strings.Repeat("x", 1<<17)} {
		if err := Write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		contains(t, path, text)
		if got := names(t, dir); len(got) != 1 {
			t.Fatalf("the folder holds %q, want the file alone", got)
		}
	}
}

// A reader of the old file keeps it while it is replaced.
func TestWriteLeavesTheOldFileToItsReaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weights")
	put(t, path, "old")
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := Write(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(f); string(got) != "old" {
		t.Errorf("the reader got %q, want old", got)
	}
}

func TestWriteHonoursUmask(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := Write(path, nil); err != nil {
		t.Fatal(err)
	}
	plain := path + "plain"
	put(t, plain, "")
	got, _ := os.Stat(path)
	want, _ := os.Stat(plain)
	if got.Mode() != want.Mode() {
		t.Errorf("mode is %v, want %v as other new files", got.Mode(), want.Mode())
	}
}

// fillDisk makes every new file one whose writes find no space.
func fillDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full here")
	}
	keep := create
	t.Cleanup(func() { create = keep })
	create = func(path string) (*os.File, error) {
		f, err := keep(path)
		if err != nil {
			return nil, err
		}
		f.Close()
		full, err := syscall.Open("/dev/full", syscall.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return os.NewFile(uintptr(full), path), nil // the errors of a file name what it was opened as
	}
}

func TestFullDiskKeepsTheOldFile(t *testing.T) {
	for _, size := range []int{1, 1 << 20} { // found by the last flush, and before it
		dir := t.TempDir()
		path := filepath.Join(dir, "model.safetensors")
		put(t, path, "old")
		fillDisk(t)
		err := Write(path, make([]byte, size))
		if want := "write " + path + ": no space left on device"; err == nil || err.Error() != want {
			t.Errorf("error is %v, want %s", err, want)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("error %v is not ENOSPC", err)
		}
		contains(t, path, "old")
		if got := names(t, dir); len(got) != 1 {
			t.Errorf("the folder holds %q, want the old file alone", got)
		}
	}
}

func TestFailingWriterKeepsTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	put(t, path, "old")
	want := errors.New("tensor is broken")
	err := WriteWith(path, func(w io.Writer) error {
		io.WriteString(w, "half of it")
		return want
	})
	if !errors.Is(err, want) || err.Error() != want.Error() {
		t.Errorf("error is %v, want %v", err, want)
	}
	contains(t, path, "old")
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("the folder holds %q, want the old file alone", got)
	}
}

// What cannot be looked at is there, as a file whose name is too long for the file system:
// what opens it says why.
func TestExists(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "file"), "")
	for name, want := range map[string]bool{"file": true, ".": true, "none": false, "none/none": false,
		"file/inside": false, strings.Repeat("x", 1<<12): true} {
		if got := Exists(filepath.Join(dir, name)); got != want {
			t.Errorf("Exists(%.20q) is %v, want %v", name, got, want)
		}
	}
}

func TestRemove(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "file"), "")
	put(t, filepath.Join(dir, "folder", "inside"), "")
	for _, name := range []string{"file", "file", "none"} {
		if err := Remove(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if Remove(filepath.Join(dir, "folder")) == nil {
		t.Error("a folder with something in it was removed without an error")
	}
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("the folder holds %q, want the other folder alone", got)
	}
}

// Where a file can be written, looking whether it can leaves nothing, and an old one as it is.
func TestWritable(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "old"), "text")
	for _, name := range []string{"old", "new"} {
		if err := Writable(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if got := names(t, dir); !slices.Equal(got, []string{"old"}) {
		t.Errorf("the folder holds %q, want the old file alone", got)
	}
	contains(t, filepath.Join(dir, "old"), "text")
}

func TestWriteWhereItCannot(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "file"), "")
	put(t, filepath.Join(dir, "folder", "inside"), "")
	put(t, filepath.Join(dir, "locked", "old"), "")
	if err := os.Chmod(filepath.Join(dir, "locked"), 0o555); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path, want string
		notRoot          bool
	}{
		{"no folder", "none/a", "open DIR/none/a: no such file or directory", false},
		{"a file as folder", "file/a", "open DIR/file/a: not a directory", false},
		{"a folder as target", "folder", "replace DIR/folder: file exists", false},
		{"an unwritable folder", "locked/a", "open DIR/locked/a: permission denied", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.notRoot && os.Geteuid() == 0 {
				t.Skip("root may write anywhere")
			}
			before := names(t, dir)
			err := Write(filepath.Join(dir, c.path), []byte("x"))
			if want := strings.ReplaceAll(c.want, "DIR", dir); err == nil || err.Error() != want {
				t.Errorf("error is %v, want %s", err, want)
			}
			if foreseen := Writable(filepath.Join(dir, c.path)); foreseen == nil || foreseen.Error() != err.Error() {
				t.Errorf("foreseen is %v, want %v", foreseen, err)
			}
			var p *fs.PathError
			if !errors.As(err, &p) {
				t.Errorf("error is a %T, want a PathError", err)
			}
			if got := names(t, dir); !slices.Equal(got, before) {
				t.Errorf("the folder holds %q, before %q", got, before)
			}
		})
	}
}

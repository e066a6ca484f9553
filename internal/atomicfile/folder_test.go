package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// version writes a folder of two files that both hold text.
func version(text string) func(string) error {
	return func(dir string) error {
		if err := os.Mkdir(filepath.Join(dir, "deep"), 0o777); err != nil {
			return err
		}
		return errors.Join(os.WriteFile(filepath.Join(dir, "a"), []byte(text), 0o666),
			os.WriteFile(filepath.Join(dir, "deep", "b"), []byte(text), 0o666))
	}
}

// holds checks that the folder at path is version(want), and that nothing is left
// beside it.
func holds(t *testing.T, path, want string) {
	t.Helper()
	contains(t, filepath.Join(path, "a"), want)
	contains(t, filepath.Join(path, "deep", "b"), want)
	if got := names(t, filepath.Dir(path)); !slices.Equal(got, []string{filepath.Base(path)}) {
		t.Errorf("beside %s there is %q", filepath.Base(path), got)
	}
}

func TestWriteDirReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint")
	for _, text := range []string{"first", "second", "third"} {
		if err := WriteDir(path+"/", version(text)); err != nil {
			t.Fatal(err)
		}
		holds(t, path, text)
	}
}

func TestFailingWriteDirKeepsTheOldFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint")
	if err := WriteDir(path, version("old")); err != nil {
		t.Fatal(err)
	}
	want := errors.New("no space left")
	err := WriteDir(path, func(dir string) error {
		return errors.Join(version("new")(dir), want)
	})
	if !errors.Is(err, want) {
		t.Errorf("error is %v, want %v", err, want)
	}
	holds(t, path, "old")
}

func TestWriteDirErrorsNameTheTarget(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint")
	err := WriteDir(path, func(dir string) error { return os.WriteFile(filepath.Join(dir, "none", "a"), nil, 0o666) })
	if want := "open " + filepath.Join(path, "none", "a") + ": no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}

func TestWriteDirWhereItCannot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "checkpoint")
	want := "mkdir " + path + ": no such file or directory"
	if err := WriteDir(path, version("new")); err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}

// kill is a state that a kill at some moment of WriteDir leaves: which versions
// lie under which names.
type kill struct {
	name                          string
	target, partly, complete, old string // the version there, "": nothing
	want                          string // the version that counts
}

var kills = []kill{
	{"before anything", "old", "", "", "", "old"},
	{"while writing", "old", "half", "", "", "old"},
	{"while writing the first", "", "half", "", "", ""},
	{"with the new one complete", "old", "", "new", "", "new"},
	{"with the first complete", "", "", "new", "", "new"},
	{"with the old one away", "", "", "new", "old", "new"},
	{"with the new one in place", "new", "", "", "old", "new"},
	{"the old one alone", "", "", "", "old", "old"},
	{"and then while writing again", "", "half", "new", "old", "new"},
}

// leave makes the state of k in a folder and returns the target.
func (k *kill) leave(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "checkpoint")
	for at, text := range map[string]string{
		path: k.target, beside(path, partial): k.partly, beside(path, complete): k.complete, beside(path, old): k.old,
	} {
		if text == "" {
			continue
		}
		if err := errors.Join(os.Mkdir(at, 0o777), version(text)(at)); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestOpenDirAfterKill(t *testing.T) {
	for _, k := range kills {
		t.Run(k.name, func(t *testing.T) {
			path := k.leave(t)
			if got := DirExists(path); got != (k.want != "") {
				t.Errorf("DirExists is %v", got)
			}
			got, err := OpenDir(path)
			if k.want == "" {
				if !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("error is %v, want that there is none", err)
				}
				return
			}
			if err != nil || got != path {
				t.Fatalf("OpenDir gives %q, %v", got, err)
			}
			holds(t, path, k.want)
		})
	}
}

func TestCleanAfterKill(t *testing.T) {
	for _, k := range kills {
		t.Run(k.name, func(t *testing.T) {
			path := k.leave(t)
			if err := Clean(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
			if k.want != "" {
				holds(t, path, k.want)
			} else if got := names(t, filepath.Dir(path)); len(got) > 0 {
				t.Errorf("Clean left %q", got)
			}
		})
	}
}

func TestWriteDirAfterKill(t *testing.T) {
	for _, k := range kills {
		t.Run(k.name, func(t *testing.T) {
			path := k.leave(t)
			if err := WriteDir(path, version("newest")); err != nil {
				t.Fatal(err)
			}
			holds(t, path, "newest")
		})
	}
}

func TestRemoveDirAfterKill(t *testing.T) {
	for _, k := range kills {
		t.Run(k.name, func(t *testing.T) {
			path := k.leave(t)
			if err := RemoveDir(path); err != nil {
				t.Fatal(err)
			}
			if got := names(t, filepath.Dir(path)); len(got) > 0 || DirExists(path) {
				t.Errorf("RemoveDir left %q", got)
			}
		})
	}
}

func TestCleanTouchesNothingElse(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".hidden", ".a.partial-", ".a.partial-123", "a.partial-0123456789abcdef", ".swap-new", "a.swap-old", "model.safetensors"} {
		put(t, filepath.Join(dir, name), "")
	}
	before := names(t, dir)
	put(t, filepath.Join(dir, ".model.safetensors.partial-0123456789abcdef"), "")
	if err := Clean(dir); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !slices.Equal(got, before) {
		t.Errorf("the folder holds %q, want %q", got, before)
	}
	if err := Clean(filepath.Join(dir, "none")); err != nil {
		t.Errorf("a folder that does not exist: %v", err)
	}
}

// No version goes while another cannot be looked at: it may be the one that counts.
func TestNothingGoesThatCannotBeLookedAt(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("x", 250)) // the hidden names beside it are too long
	if !DirExists(path) {
		t.Error("a folder that may have been set aside is said to be absent")
	}
	if _, err := OpenDir(path); !errors.Is(err, syscall.ENAMETOOLONG) {
		t.Errorf("OpenDir gives %v, want that the name is too long", err)
	}
	if err := RemoveDir(path); !errors.Is(err, syscall.ENAMETOOLONG) {
		t.Errorf("RemoveDir gives %v, want that the name is too long", err)
	}
}

func TestOpenDirOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint")
	put(t, path, "")
	if _, err := OpenDir(path); err == nil || err.Error() != "open "+path+": not a folder" {
		t.Errorf("error is %v, want that it is not a folder", err)
	}
}

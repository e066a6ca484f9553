package paths

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// An error keeps its cause and loses its path.
func TestCause(t *testing.T) {
	_, err := os.Open(filepath.Join(t.TempDir(), "none"))
	if got := Cause(fmt.Errorf("reading: %w", err)); got != syscall.ENOENT {
		t.Errorf("the cause is %v, want %v", got, syscall.ENOENT)
	}
	if other := errors.New("other"); Cause(other) != other || Cause(nil) != nil {
		t.Error("an error of no path has another cause")
	}
}

func TestExpand(t *testing.T) {
	t.Setenv("HOME", "/home/ann")
	t.Setenv("SCRATCH", "/scratch/ann")
	t.Setenv("NOTHING", "")
	t.Setenv("HOMEWARD", "~/data")
	for path, want := range map[string]string{
		"":                     "",
		"runs/a":               "runs/a",
		"~":                    "/home/ann",
		"~/hf":                 "/home/ann/hf",
		"runs/~/a":             "runs/~/a",
		"$SCRATCH/hf":          "/scratch/ann/hf",
		"${SCRATCH}s/hf":       "/scratch/anns/hf",
		"$NOTHING/hf":          "/hf",
		"$HOMEWARD/hf":         "/home/ann/data/hf",
		"$NO_SUCH_ONE/hf":      "$NO_SUCH_ONE/hf",
		"${NO_SUCH_ONE}/hf":    "${NO_SUCH_ONE}/hf",
		"~no such user at all": "~no such user at all",
		"~no.such.user/x":      "~no.such.user/x",
	} {
		if got := Expand(path); got != want {
			t.Errorf("%q is %q, want %q", path, got, want)
		}
	}
	t.Setenv("HF_HOME", "$SCRATCH/hf")
	if got := Env("HF_HOME"); got != "/scratch/ann/hf" {
		t.Errorf("the variable names %q", got)
	}
}

func TestTildeOfAUser(t *testing.T) {
	u, err := user.Current()
	if err != nil || u.Username == "" || strings.ContainsAny(u.Username, `/\`) {
		t.Skip("the user has no name here")
	}
	if got, want := Tilde("~"+u.Username+"/x"), u.HomeDir+"/x"; got != want {
		t.Errorf("it is %q, want %q", got, want)
	}
}

// The pointer is the example of Git LFS's docs/spec.md.
func TestPointer(t *testing.T) {
	const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345000\n"
	const want = "is a pointer of Git LFS in the place of the file of 12.3 MB; run `git lfs pull` where it was cloned, or download it"
	if err := Pointer([]byte(pointer)); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	if err := Pointer([]byte(pointer[:60])); err == nil || !strings.Contains(err.Error(), "in the place of the file;") {
		t.Errorf("cut short: %v", err)
	}
	for _, text := range []string{"", "version 1", "{}"} {
		if err := Pointer([]byte(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := PointerAt(path); err != nil {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(path, []byte(pointer), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := PointerAt(path); err == nil || err.Error() != want {
		t.Errorf("a file: %v", err)
	}
}

package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// What cannot be synced is an error, unless nothing is to be synced.
func TestUnsynced(t *testing.T) {
	closed, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(closed.Close(), os.Remove(closed.Name())); err != nil {
		t.Fatal(err)
	}
	if err := Sync(closed); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a closed file is synced: %v", err)
	}
	defer func() { unsynced = false }()
	Unsynced()
	if err := Sync(closed); err != nil {
		t.Errorf("unsynced: %v", err)
	}
}

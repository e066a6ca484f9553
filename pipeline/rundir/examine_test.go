package rundir

import (
	"os"
	"path/filepath"
	"testing"
)

// A folder without files has nothing that could be called as it was written.
func TestExamineOfNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "finetune"), 0o777); err != nil {
		t.Fatal(err)
	}
	if folders, err := Examine(dir); err == nil || len(folders) > 0 {
		t.Errorf("folders %+v, error %v, want none and an error", folders, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "finetune", "notes"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if folders, err := Examine(dir); err != nil || len(folders) != 1 || folders[0].Unchecked != 1 {
		t.Errorf("folders %+v, error %v, want one with a file that nothing lists", folders, err)
	}
}

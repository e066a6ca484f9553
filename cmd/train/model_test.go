package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever uses a stage that is not complete is told so.
func TestUnfinishedStage(t *testing.T) {
	var said bytes.Buffer
	before := slog.Default()
	slog.SetDefault(newLogger(&said))
	t.Cleanup(func() { slog.SetDefault(before) })
	dir := filepath.Join(t.TempDir(), "finetune")
	if err := os.MkdirAll(filepath.Join(dir, "checkpoint"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := wantModel("predict", dir); err != nil || !strings.Contains(said.String(), "the stage is not complete") {
		t.Errorf("said %q (%v)", said.String(), err)
	}
	said.Reset()
	if err := os.WriteFile(filepath.Join(dir, "result.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := wantModel("predict", dir); err != nil || said.Len() > 0 {
		t.Errorf("of a complete stage it says %q (%v)", said.String(), err)
	}
}

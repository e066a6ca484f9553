package rundir

import (
	"os"
	"path/filepath"
	"testing"
)

// A trial in which another process is at work stays, and so does what stands beside it.
func TestRemoveTrial(t *testing.T) {
	run := t.TempDir()
	dir := Trial(run, "price-0.5-geometric-whole")
	unlock, err := lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	retrain := Stage(run, "retrain")
	if err := os.MkdirAll(string(retrain), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := (claim{Place: &Place{Dir: run}}).discardFrom("retrain"); err == nil {
		t.Error("a stage is discarded before it is seen that a trial of it is at work")
	}
	if _, err := os.Stat(string(retrain)); err != nil {
		t.Error(err)
	}
	if err := RemoveTrial(dir); err == nil {
		t.Error("it is removed under who works there")
	}
	unlock()
	if err := RemoveTrial(dir); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}

// Beside a stage's directory is its run directory, also from within.
func TestExperimentBeside(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.MkdirAll(filepath.Join(dir, "retrain", "deeper"), 0o755); err != nil {
		t.Fatal(err)
	}
	for from, beside := range map[string]string{"retrain": ".", filepath.Join("retrain", "deeper"): ".."} {
		t.Chdir(filepath.Join(dir, from))
		if _, path, err := ExperimentBeside(beside); err != nil || path != ExperimentFile(dir) {
			t.Errorf("from %s %s is beside %s (%v), want %s", from, beside, path, err, ExperimentFile(dir))
		}
	}
}

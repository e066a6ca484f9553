package atomicfile

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// victim names the folder that a child process of the test replaces until it is killed.
const victim = "POWERBERT_TEST_ATOMICFILE_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victim); path != "" {
		for text := "x"; ; text = strings.Repeat(text[:1], 1+len(text)%999) {
			if err := WriteDir(path, version(text)); err != nil {
				panic(err)
			}
		}
	}
	os.Exit(m.Run())
}

func TestSIGKILLLeavesOneWholeVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint")
	for try := range 12 {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), victim+"="+path)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(20+7*try) * time.Millisecond)
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		c.Wait()
		if !DirExists(path) {
			continue // killed before its first version
		}
		if _, err := OpenDir(path); err != nil {
			t.Fatal(err)
		}
		a, errA := os.ReadFile(filepath.Join(path, "a"))
		b, errB := os.ReadFile(filepath.Join(path, "deep", "b"))
		if errA != nil || errB != nil || len(a) == 0 || !bytes.Equal(a, b) {
			t.Fatalf("kill %d left %q and %q (%v, %v)", try, a, b, errA, errB)
		}
		if got := names(t, filepath.Dir(path)); len(got) != 1 {
			t.Fatalf("kill %d left %q", try, got)
		}
	}
	if !DirExists(path) {
		t.Error("no child lived long enough to write anything")
	}
}

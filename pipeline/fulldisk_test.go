//go:build unix

package pipeline

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// fillDisk lets no file grow beyond 20 kB from now on: writing more
// fails in the middle, as on a full disk.
func fillDisk() {
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit)
	limit.Cur = 20_000
	if err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
	}
	if err != nil {
		panic(err)
	}
}

// A run whose disk is full ends with an error that names the file. What was
// complete stays, and with room again the run goes on to the same bits.
func TestFullDisk(t *testing.T) {
	long(t)
	want := finished(t)
	for _, test := range []struct{ at, want string }{
		{"finetune 1", "checkpoint at step 2: write $DIR/finetune/checkpoint/weights.safetensors: file too large; there is no earlier checkpoint"},
		{"finetune 3", "checkpoint at step 4: write $DIR/finetune/checkpoint/weights.safetensors: file too large; the checkpoint of step 2 is kept"},
		{"finetune 5", "write $DIR/finetune/model.safetensors: file too large"},
		{"search 3", "checkpoint at step 4: write $DIR/search/checkpoint/weights.safetensors: file too large; the checkpoint of step 2 is kept"},
		{"retrain 5", "write $DIR/retrain/model.safetensors: file too large"},
	} {
		t.Run(test.at, func(t *testing.T) {
			dir := empty(t)
			code, said := runFull(t, dir, test.at)
			if message := strings.ReplaceAll(test.want, "$DIR", dir); code != 1 || strings.TrimSpace(said) != message {
				t.Fatalf("ends with %d and\n%s\nwant 1 and\n%s", code, said, message)
			}
			for path := range tree(t, dir) {
				if strings.Contains(path, "/.") && !strings.HasSuffix(path, ".lock") {
					t.Errorf("%s is left", path)
				}
			}
			if _, err := Run(background, tiny(t), Options{Dir: dir}); err != nil {
				t.Fatal(err)
			}
			for _, name := range results {
				sameFile(t, filepath.Join(dir, name), filepath.Join(want, name))
			}
		})
	}
}

// runFull runs tiny in a process whose disk is full from a step on.
func runFull(t *testing.T, dir, at string) (code int, stderr string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), runDirVariable+"="+dir, fullDiskVariable+"="+at)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err == nil {
		t.Fatal("a full disk went unnoticed")
	}
	return cmd.ProcessState.ExitCode(), said.String()
}

package pipeline

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/hub"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/pipeline/train"
)

// tiny is an experiment of seconds: the demo task, made small.
func tiny(t testing.TB, overrides ...string) *configs.Experiment {
	t.Helper()
	e, err := configs.Load("demo", append([]string{
		"seed=5", "workers=2", "data.demo.train=90", "data.demo.dev=40", "data.max_length=48", "data.held_out=0",
		"encoder.layers=2", "encoder.hidden=16", "encoder.heads=2", "encoder.intermediate=24", "encoder.positions=64",
		"finetune.epochs=2", "finetune.min_steps=0", "finetune.batch_size=8", "finetune.accumulate=2",
		"search.epochs=2", "search.min_steps=0", "search.batch_size=16", "search.lr_r=0.2", "search.lambda=0.01",
		"retrain.epochs=2", "retrain.min_steps=0", "distil.min_steps=0", "retrain.batch_size=16", "retrain.distil.alpha=0", "search.score=attention", "log_every=2", "checkpoint_every=2",
	}, overrides...))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Started with runDirVariable set, the test binary is a run of its own, to be
// interrupted: it says every step and ends as the program would.
const (
	runDirVariable   = "POWERBERT_TEST_RUN_DIR"
	fullDiskVariable = "POWERBERT_TEST_FULL_DISK_AT" // stage and step
	waitVariable     = "POWERBERT_TEST_WAIT_AT"      // stage and step
)

func TestMain(m *testing.M) {
	atomicfile.Unsynced()
	dir := os.Getenv(runDirVariable)
	if dir == "" {
		code := m.Run()
		os.RemoveAll(originals.folder)
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	_, err := Run(ctx, tiny(&testing.B{}), Options{Dir: dir, Report: sayStep{os.Getenv(fullDiskVariable), os.Getenv(waitVariable), ctx.Done()}})
	switch {
	case errors.Is(err, ErrInterrupted):
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// sayStep says every step, fills the disk at one, and waits at one for a signal, however
// long that takes.
type sayStep struct {
	fullAt, waitAt string
	signalled      <-chan struct{}
}

func (s sayStep) Report(p train.Progress) {
	where := fmt.Sprint(p.Stage, " ", p.Step)
	fmt.Println(where)
	if where == s.fullAt {
		fillDisk()
	}
	if where == s.waitAt {
		<-s.signalled
	}
}

func (sayStep) Download(hub.Progress) {}
func (sayStep) Close()                {}

// killAt starts a run that waits where it is told to, and sends it a signal there; an
// empty where lets it end. It returns the exit code, −1 of a killed process.
func killAt(t *testing.T, dir, where string, sig os.Signal) int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), runDirVariable+"="+dir, waitVariable+"="+where)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == where {
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

// results are the files that must not depend on interruptions.
var results = []string{"finetune/model.safetensors", "search/model.safetensors", "search/retention.json", "retrain/model.safetensors", "retrain/config.json"}

// A run that is interrupted or killed in any stage, in the middle of an epoch,
// ends with the same bits as one that is not.
func TestInterruptedRunEndsWithTheSameBits(t *testing.T) {
	long(t)
	want := t.TempDir()
	if code := killAt(t, want, "", nil); code != 0 {
		t.Fatalf("an uninterrupted run ends with %d", code)
	}
	for _, stage := range stages {
		for _, kill := range []struct {
			name string
			sig  os.Signal
			code int
		}{{"SIGINT", os.Interrupt, 130}, {"SIGKILL", syscall.SIGKILL, -1}} {
			t.Run(stage+"/"+kill.name, func(t *testing.T) {
				dir := t.TempDir()
				if code := killAt(t, dir, stage+" 5", kill.sig); code != kill.code {
					t.Fatalf("killed run ends with %d, want %d", code, kill.code)
				}
				if code := killAt(t, dir, "", nil); code != 0 {
					t.Fatalf("resumed run ends with %d", code)
				}
				for _, name := range results {
					sameFile(t, filepath.Join(dir, name), filepath.Join(want, name))
				}
				sameSteps(t, filepath.Join(dir, stage, "metrics.jsonl"), filepath.Join(want, stage, "metrics.jsonl"))
			})
		}
	}
}

func sameFile(t *testing.T, got, want string) {
	t.Helper()
	g, err := os.ReadFile(got)
	if err != nil {
		t.Fatal(err)
	}
	w, err := os.ReadFile(want)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(g, w) {
		t.Errorf("%s differs from %s", got, want)
	}
}

// sameSteps wants the same lines but for the speed.
func sameSteps(t *testing.T, got, want string) {
	t.Helper()
	read := func(path string) string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for line := range strings.Lines(string(text)) {
			line, _, _ = strings.Cut(line, `,"examples_per_second"`)
			lines = append(lines, line)
		}
		return strings.Join(lines, "\n")
	}
	if g, w := read(got), read(want); g != w {
		t.Errorf("%s holds\n%s\nwant\n%s", got, g, w)
	}
}

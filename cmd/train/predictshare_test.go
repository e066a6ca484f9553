package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// trained trains the smallest model in a folder of its own, which becomes the working
// directory.
func trained(t *testing.T) {
	t.Helper()
	tiny, err := os.ReadFile("testdata/tiny.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("tiny.yaml", tiny, 0o644); err != nil {
		t.Fatal(err)
	}
	program(t, "run", "tiny.yaml")
}

// program runs a command line that has to end well.
func program(t *testing.T, args ...string) string {
	t.Helper()
	var out, log bytes.Buffer
	if code := run(t.Context(), args, &out, &log); code != 0 {
		t.Fatalf("train %v exits with %d:\n%s", args, code, log.String())
	}
	return out.String()
}

// alone runs a test in a process of its own, and tells whether this is that process: what
// other tests have left behind does not count as its memory there.
func alone(t *testing.T) bool {
	t.Helper()
	const variable = "POWERBERT_TEST_ALONE"
	if os.Getenv(variable) == t.Name() {
		return true
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program, "-test.run", "^"+t.Name()+"$", "-test.v")
	command.Env = append(os.Environ(), variable+"="+t.Name())
	out, err := command.CombinedOutput()
	if t.Logf("%s", out); err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Errorf("alone: %v", err)
	}
	return false
}

// The heap does not grow with the corpus: that of 20 files is at most that of 4 and a sixth of
// the 36 MB that are kept of them, which is more than collections move it by.
func TestMemoryOfACorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("predicts 15,000 rows")
	}
	if !alone(t) {
		return
	}
	trained(t)
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	const rows, width = 600, 3000
	one := "id,text\n" + strings.Repeat(strings.Repeat("x", width)+",the film was good\n", rows)
	for i := range 20 {
		if err := os.WriteFile(fmt.Sprintf("c%02d.csv", i), []byte(one), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	peak := func(files, out string) uint64 {
		stop := watchHeap()
		program(t, "predict", "runs/tiny/retrain", files, "--text", "text", "--keep", "id", "--out", out)
		return stop()
	}
	peak("c00.csv", "first/") // what training left is collected on the way
	few, many := peak("c0[0-3].csv", "few/"), peak("c*.csv", "many/")
	info, err := os.Stat(filepath.Join("many", "part-00000-of-00001.jsonl"))
	if err != nil || info.Size() < 20*rows*width {
		t.Fatalf("the part: %v, %v", info, err)
	}
	if t.Logf("peaks %d and %d bytes", few, many); many > few+20*rows*width/6 {
		t.Errorf("%d rows take %d bytes of heap, and %d rows take %d", 4*rows, few, 20*rows, many)
	}
}

// watchHeap watches what of the heap collections leave until its largest size is asked for.
func watchHeap() (largest func() uint64) {
	var ended atomic.Bool
	most := make(chan uint64)
	go func() {
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		size := uint64(0)
		for ; !ended.Load(); time.Sleep(time.Millisecond) {
			metrics.Read(sample)
			size = max(size, sample[0].Value.Uint64())
		}
		most <- size
	}()
	return func() uint64 { ended.Store(true); return <-most }
}

package tfevents

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// resumed writes what a run leaves that was killed after step 30 and went on from its
// checkpoint of step 20.
func resumed(t *testing.T, dir string) {
	t.Helper()
	at := time.Unix(1_700_000_000, 5)
	first, err := Create(dir, 0, at)
	if err != nil {
		t.Fatal(err)
	}
	for step := 10; step <= 30; step += 10 {
		err = errors.Join(err, first.Scalars(at, step, Scalar{"train/loss", 1 / float64(step)}, Scalar{"train/lr", 1e-5 * float64(step)}))
	}
	err = errors.Join(err, first.Scalars(at, 20, Scalar{"dev/accuracy", 0.75}), first.Close())
	second, create := Create(dir, 21, at.Add(time.Second))
	if err = errors.Join(err, create); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(second.Scalars(at, 30, Scalar{"train/loss", 0.5}), second.Close()); err != nil {
		t.Fatal(err)
	}
}

// want is what is to be read of that: nothing of the first file's step 30.
var want = map[string][][2]float64{
	"train/loss":   {{10, float64(float32(0.1))}, {20, float64(float32(0.05))}, {30, 0.5}},
	"train/lr":     {{10, float64(float32(1e-4))}, {20, float64(float32(2e-4))}},
	"dev/accuracy": {{20, 0.75}},
}

func TestReadDir(t *testing.T) {
	dir := t.TempDir()
	resumed(t, dir)
	events, err := ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][][2]float64{}
	for _, e := range events {
		for _, s := range e.Scalars {
			got[s.Tag] = append(got[s.Tag], [2]float64{float64(e.Step), s.Value})
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}
}

// TensorBoard reads the same.
func TestOracleOfEvents(t *testing.T) {
	python := os.Getenv("POWERBERT_PYTHON")
	if python == "" {
		t.Skip("POWERBERT_PYTHON (with tensorboard) is not set")
	}
	dir := t.TempDir()
	resumed(t, dir)
	out, err := exec.CommandContext(t.Context(), python, "testdata/read.py", dir).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, err.(*exec.ExitError).Stderr)
	}
	var got map[string][][2]float64
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("TensorBoard reads %v, want %v", got, want)
	}
}

// The first record of a file, byte by byte: 26 bytes of an event whose version is
// brain.Event:2, framed as TensorFlow's own writer does. The checksums are those of
// tensorboard 2.21 (compat/tensorflow_stub/pywrap_tensorflow.py, masked_crc32c).
func TestFirstRecord(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, 0, time.Unix(3, 0))
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	if _, err := Create(dir, 0, time.Unix(3, 0)); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second file of one moment: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "events.out.tfevents.0000000003.000000000.powerbert"))
	if err != nil {
		t.Fatal(err)
	}
	const first = "1a00000000000000" + "129bd82d" + "090000000000000840" + "1000" + "1a0d627261696e2e4576656e743a32" + "96cf7b01"
	if got := fmt.Sprintf("%x", text[:42]); got != first {
		t.Errorf("the first record is\n%s\nwant\n%s", got, first)
	}
	events, err := Read(bytes.NewReader(text))
	if err != nil || len(events) != 2 || events[0].Version != fileVersion || events[0].WallTime != 3 || !events[1].Start || events[0].Start {
		t.Errorf("events %+v, %v", events, err)
	}
}

// A file that is cut, or of which a byte is another, is refused.
func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	resumed(t, dir)
	paths, _ := filepath.Glob(filepath.Join(dir, "*"))
	text, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	whole, err := Read(bytes.NewReader(text))
	if err != nil || len(whole) != 6 || math.Abs(whole[2].WallTime-1.7e9) > 1e-3 {
		t.Fatalf("%d events, %v, want 6", len(whole), err)
	}
	for at := range text {
		broken := bytes.Clone(text)
		broken[at] ^= 4
		if _, err := Read(bytes.NewReader(broken)); err == nil || !strings.HasPrefix(err.Error(), "record ") {
			t.Fatalf("byte %d is another: %v", at, err)
		}
	}
	ends := 0
	for n := range text {
		if events, err := Read(bytes.NewReader(text[:n])); err == nil {
			ends++
			if len(events) != ends-1 {
				t.Errorf("of %d bytes %d events are read, want %d", n, len(events), ends-1)
			}
		}
	}
	if ends != 6 {
		t.Errorf("%d beginnings of the file are whole, want 6", ends)
	}
}

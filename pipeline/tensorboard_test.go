package pipeline

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/powerbert/powerbert/internal/tfevents"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// A search that is interrupted and goes on leaves two event files, of which is read what
// metrics.jsonl says: every line, each once.
func TestTensorBoardSaysWhatTheLogSays(t *testing.T) {
	long(t)
	dir, e := empty(t), tiny(t)
	e.TensorBoard = true
	if _, err := Finetune(background, e, Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	ctx := impatient{background, &atomic.Int64{}}
	ctx.patience.Store(4)
	if _, err := Search(ctx, e, Options{Dir: dir}); !errors.Is(err, ErrInterrupted) {
		t.Fatalf("not interrupted: %v", err)
	}
	if _, err := Search(background, e, Options{Dir: dir, Resume: true}); err != nil {
		t.Fatal(err)
	}
	for stage, files := range map[string]int{"finetune": 1, "search": 2} {
		folder := rundir.Stage(dir, stage)
		if paths, _ := filepath.Glob(folder.File("events.out.tfevents.*")); len(paths) != files {
			t.Errorf("%s has the event files %v, want %d", stage, paths, files)
		}
		record, err := folder.ReadRecord()
		if err != nil {
			t.Fatal(err)
		}
		events, err := tfevents.ReadDir(string(folder))
		if err != nil {
			t.Fatal(err)
		}
		same(t, stage, events, &record)
	}
}

// same wants the scalars of a stage's lines, each once.
func same(t *testing.T, stage string, events []tfevents.Event, record *rundir.Record) {
	t.Helper()
	got := map[string]float64{}
	for _, e := range events {
		for _, s := range e.Scalars {
			key := fmt.Sprint(e.Step, " ", s.Tag)
			if _, twice := got[key]; twice {
				t.Errorf("%s: %s is there twice", stage, key)
			}
			got[key] = s.Value
		}
	}
	want := map[string]float64{}
	say := func(step int, tag string, value float64) { want[fmt.Sprint(step, " ", tag)] = float64(float32(value)) }
	for _, l := range record.Steps {
		say(l.Step, "train/loss", l.Loss)
		say(l.Step, "train/task_loss", l.TaskLoss)
		say(l.Step, "train/lr", l.LR)
		say(l.Step, "train/grad_norm", l.GradNorm)
		say(l.Step, "train/epoch", l.Epoch)
		say(l.Step, "train/examples_per_second", l.ExamplesPerSecond)
		for j, mass := range l.Mass {
			say(l.Step, fmt.Sprintf("mass/encoder_%02d", j+1), mass)
			say(l.Step, "train/regulariser", l.Regulariser)
			say(l.Step, "train/lr_r", l.LRr)
		}
	}
	for _, l := range record.Evaluations {
		say(l.Step, "dev/"+l.Metric, l.Dev)
		say(l.Step, "dev/loss", l.DevLoss)
	}
	if len(got) != len(want) || len(want) < 20 {
		t.Errorf("%s: %d scalars, want %d", stage, len(got), len(want))
	}
	for key, value := range want {
		if there, ok := got[key]; !ok || there != value {
			t.Errorf("%s: %s is %v, %v, want %v", stage, key, there, ok, value)
		}
	}
}

// Without the key there is no event file.
func TestNoTensorBoardByDefault(t *testing.T) {
	if paths, _ := filepath.Glob(filepath.Join(finished(t), "*", "events*")); len(paths) > 0 {
		t.Errorf("event files %v", paths)
	}
}

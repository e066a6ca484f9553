package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline/train"
)

// An impatient context is done when it has been asked so many times.
type impatient struct {
	context.Context
	patience *atomic.Int64
}

func (c impatient) Err() error {
	if c.patience.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// A run that is interrupted while it evaluates saves, and evaluates anew when it
// goes on.
func TestInterruptedEvaluation(t *testing.T) {
	long(t)
	dir, want := empty(t), finished(t)
	ctx := impatient{background, &atomic.Int64{}}
	ctx.patience.Store(7) // six steps and the look before the evaluation
	_, err := Finetune(ctx, tiny(t), Options{Dir: dir})
	checkpoint := filepath.Join(dir, "finetune/checkpoint")
	fails(t, err, "interrupted in finetune at step 6 of 12, saved to "+checkpoint+"; go on with --resume")
	if !errors.Is(err, ErrInterrupted) {
		t.Error("the error is not ErrInterrupted")
	}
	if s := stateOf(t, checkpoint); s.Step != 6 || s.Evaluated != -1 || len(evaluations(t, filepath.Join(dir, "finetune"))) > 0 {
		t.Errorf("interrupted with the state %+v, want step 6, not evaluated", s)
	}
	if _, err := Run(background, tiny(t), Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	for _, name := range results {
		sameFile(t, filepath.Join(dir, name), filepath.Join(want, name))
	}
	sameSteps(t, filepath.Join(dir, "finetune/metrics.jsonl"), filepath.Join(want, "finetune/metrics.jsonl"))
}

func stateOf(t *testing.T, checkpoint string) (s train.State) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(checkpoint, "state.json"))
	if err := errors.Join(err, json.Unmarshal(text, &s)); err != nil {
		t.Fatal(err)
	}
	return s
}

// Interrupted before its first step, after its last, or several times in a row,
// a run ends as any other.
func TestInterruptedAnywhere(t *testing.T) {
	long(t)
	dir, want := empty(t), finished(t)
	at := []struct {
		stage string
		step  int64
	}{{"finetune", 0}, {"finetune", 0}, {"finetune", 1}, {"finetune", 13}, {"search", 0}, {"search", 2}, {"retrain", 13}}
	for _, at := range at {
		for _, before := range stages[:slices.Index(stages, at.stage)] {
			if _, err := stageFuncs[before](background, tiny(t), Options{Dir: dir, Resume: true}); err != nil {
				t.Fatal(err)
			}
		}
		ctx := impatient{background, &atomic.Int64{}}
		ctx.patience.Store(at.step)
		if _, err := stageFuncs[at.stage](ctx, tiny(t), Options{Dir: dir, Resume: true}); !errors.Is(err, ErrInterrupted) {
			t.Fatalf("%s after %d: error %v", at.stage, at.step, err)
		}
	}
	if _, err := Run(background, tiny(t), Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	for _, name := range results {
		sameFile(t, filepath.Join(dir, name), filepath.Join(want, name))
	}
}

// A stage without epochs is a mistake of the configuration.
func TestNoEpochs(t *testing.T) {
	for _, stage := range stages {
		_, err := configs.Load("demo", []string{stage + ".epochs=0"})
		fails(t, err, "--set "+stage+".epochs=0: "+stage+".epochs is 0, want 1 or more")
	}
}

// nth interrupts at the n-th report of a stage's step.
type nth struct {
	when
	n int
}

func (r *nth) Report(p train.Progress) {
	if p.Stage == r.stage && p.Step == r.step {
		if r.n--; r.n == 0 {
			r.do()
		}
	}
}

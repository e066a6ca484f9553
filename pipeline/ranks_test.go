package pipeline

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/ranks"
	"github.com/powerbert/powerbert/internal/ranks/rankstest"
	"github.com/powerbert/powerbert/pipeline/estimate"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
)

// onRanks does something on rank 0 of a job, whose other ranks share its steps.
func onRanks(t *testing.T, size int, do func(*train.Crew) error) error {
	t.Helper()
	return errors.Join(rankstest.Run(size, func(p ranks.Peers) error {
		if p.Rank() > 0 {
			return train.Follow(p)
		}
		crew := train.NewCrew(p)
		err := do(crew)
		if !crew.Dismiss() && err == nil {
			err = errors.New("the crew was lost")
		}
		return err
	})...)
}

// curve is the losses of a stage's log, of steps and evaluations.
func curve(t *testing.T, dir, stage string) (losses []float64) {
	t.Helper()
	file, err := os.Open(filepath.Join(dir, stage, "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var line struct {
			Loss float64 `json:"loss"`
			Dev  float64 `json:"dev_loss"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		losses = append(losses, line.Loss+line.Dev)
	}
	return losses
}

// sameCurves wants losses of so many stages that differ by rounding alone.
func sameCurves(t *testing.T, what, got, want string, stages ...string) {
	t.Helper()
	for _, stage := range stages {
		a, b := curve(t, got, stage), curve(t, want, stage)
		if len(a) != len(b) || len(a) < 3 {
			t.Fatalf("%s, %s: %d lines, want %d", what, stage, len(a), len(b))
		}
		for i := range a {
			if math.Abs(a[i]-b[i]) > 1e-5*math.Abs(b[i]) {
				t.Errorf("%s, %s, line %d: loss %v, want %v", what, stage, i, a[i], b[i])
			}
		}
	}
}

// All stages, students among them, learn on ranks what they learn on as many workers of one
// process. Stage 3 learns from a teacher, too.
func TestStagesOnRanks(t *testing.T) {
	long(t)
	all := func(dir string, workers int, crew *train.Crew) error {
		e := tiny(t, fmt.Sprint("workers=", workers), "retrain.distil.alpha=0.5", "distil.epochs=1", "distil.batch_size=16", "distil.lr=1e-3")
		o := Options{Dir: dir, Crew: crew}
		if _, err := Run(background, e, o); err != nil {
			return err
		}
		_, err := Distil(background, e, o, Student{configs.MethodDistilBERT, 1})
		return err
	}
	got, want := t.TempDir(), t.TempDir()
	if err := errors.Join(all(want, 3, nil), onRanks(t, 3, func(c *train.Crew) error { return all(got, 1, c) })); err != nil {
		t.Fatal(err)
	}
	sameCurves(t, "3 ranks", got, want, "finetune", "search", "retrain", "distilbert-1")
	for dir, ranks := range map[string]int{got: 3, want: 0} {
		if r, err := rundir.ReadResult(dir, "retrain"); err != nil || r.Ranks != ranks {
			t.Errorf("%s: the result is of %d ranks, want %d (%v)", dir, r.Ranks, ranks, err)
		}
	}
	a, errA := rundir.StageDir(filepath.Join(got, "search")).ReadRetention()
	b, errB := rundir.StageDir(filepath.Join(want, "search")).ReadRetention()
	if errA != nil || errB != nil || !slices.Equal(a.Retention, b.Retention) {
		t.Errorf("retention %+v (%v), want %+v (%v)", a, errA, b, errB)
	}
}

// A rank holds the whole model, and of the activations those of its part of a batch: not
// less than an equal share, since none has longer texts than rank 0.
func TestEstimateOfARank(t *testing.T) {
	at := func(workers int, o Options) (m estimate.Memory) {
		e, err := NewEstimate(background, tiny(t, fmt.Sprint("workers=", workers)), o, 1)
		if err != nil {
			t.Fatal(err)
		}
		return e.Stages[0].Memory
	}
	alone, two, rank := at(1, Options{Dir: t.TempDir()}), at(2, Options{Dir: t.TempDir()}), at(1, Options{Dir: t.TempDir(), Ranks: 2})
	if 4*rank.Activations > 3*alone.Activations || 2*rank.Activations < two.Activations || rank.Activations >= two.Activations {
		t.Errorf("activations are %d bytes of one of two ranks, %d of two workers, %d of one", rank.Activations, two.Activations, alone.Activations)
	}
	if rank.Weights != alone.Weights || rank.Gradients != alone.Gradients || rank.Moments != alone.Moments || rank.Evaluation != alone.Evaluation {
		t.Errorf("one of two ranks holds %+v, want but for activations %+v", rank, alone)
	}
	err := onRanks(t, 2, func(c *train.Crew) error {
		if got := at(1, Options{Dir: t.TempDir(), Crew: c}); got.Activations != rank.Activations {
			t.Errorf("with a crew of two activations are %d bytes, want %d", got.Activations, rank.Activations)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// So does pretraining, whose model grows on the way.
func TestPretrainingOnRanks(t *testing.T) {
	long(t)
	got, want := t.TempDir(), t.TempDir()
	_, err := Pretrain(background, small(t, "workers=2"), Options{Dir: want})
	shared := onRanks(t, 2, func(c *train.Crew) error {
		_, err := Pretrain(background, small(t, "workers=1"), Options{Dir: got, Crew: c})
		return err
	})
	if err := errors.Join(err, shared); err != nil {
		t.Fatal(err)
	}
	sameCurves(t, "2 ranks", got, want, "pretrain")
}

// What was interrupted on some ranks goes on with others, from the one checkpoint. Without
// dropout neither number shows.
func TestRunsGoOnWithOtherRanks(t *testing.T) {
	long(t)
	e := tiny(t, "workers=1", "encoder.dropout=0", "encoder.attention_dropout=0")
	got, want := t.TempDir(), t.TempDir()
	if _, err := Finetune(background, e, Options{Dir: want}); err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct{ size, until int }{{2, 3}, {3, 6}, {1, 0}} {
		ctx, cancel := context.WithCancel(background)
		err := onRanks(t, part.size, func(c *train.Crew) error {
			_, err := Finetune(ctx, e, Options{Dir: got, Crew: c, Resume: true, Report: when{"finetune", part.until, cancel}})
			return err
		})
		if part.until > 0 != errors.Is(err, ErrInterrupted) || part.until == 0 && err != nil {
			t.Fatalf("%d ranks: %v", part.size, err)
		}
	}
	sameCurves(t, "2, 3 and 1 ranks", got, want, "finetune")
}

package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/hub"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
)

// readings are told of what is read before the first step.
type readings func(train.Progress)

func (do readings) Report(p train.Progress) {
	if p.Reading != "" {
		do(p)
	}
}

func (readings) Download(hub.Progress) {}
func (readings) Close()                {}

// ofTexts are told of texts without labels.
func ofTexts(do func(train.Progress)) readings {
	return func(p train.Progress) {
		if p.Reading == "texts without labels" {
			do(p)
		}
	}
}

// What has been read before an interruption is kept: another process reads the rest, a trial
// nothing more, and stage 3 comes to the same bits. Answers of another stage 1, or to other
// texts, and a damaged file count as none.
func TestReadingGoesOn(t *testing.T) {
	long(t)
	dir := t.TempDir()
	texts := func(name, last string) string {
		var rows strings.Builder
		for i := range 300 {
			fmt.Fprintf(&rows, "%s d%s%s\n", strings.Repeat("d ", i%20), strings.Repeat(" c x", i/20), last)
		}
		path := filepath.Join(dir, name)
		write(t, path, rows.String())
		return path
	}
	table := labelledTable(t, dir)
	of := func(file string) []string { return slices.Concat(table, teaching(file), []string{"workers=1"}) }
	set := of(texts("texts.txt", ""))
	other := append(slices.Clone(set), "finetune.lr=1e-2")
	e := tiny(t, set...)
	out := filepath.Join(dir, "run")
	if _, err := Finetune(background, e, Options{Dir: out}); err != nil {
		t.Fatal(err)
	}
	straight := copied(t, out)
	if _, err := Retrain(background, e, Options{Dir: straight}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(background)
	cancel()
	if _, err := Retrain(ctx, e, Options{Dir: out}); !errors.Is(err, ErrInterrupted) || !strings.Contains(err.Error(), "read training examples, 0 of 80") || exists(rundir.Answers(out, "train")) {
		t.Fatalf("stopped before anything is read: %v", err)
	}
	ctx, cancel = context.WithCancel(background)
	_, err := Retrain(ctx, e, Options{Dir: out, Resume: true, Report: ofTexts(func(p train.Progress) {
		if p.Step == 256 {
			cancel()
		}
	})})
	if !errors.Is(err, ErrInterrupted) || !strings.Contains(err.Error(), "256 of 300") {
		t.Fatalf("error %v", err)
	}
	for _, c := range []struct {
		what  string
		set   []string
		spoil func(dir string)
		read  int
		says  string
	}{
		{"as it was left", set, func(string) {}, 44, ""},
		{"without the file", set, func(dir string) { remove(t, rundir.Answers(dir, "unlabelled")) }, 300, ""},
		{"with a damaged file", set, func(dir string) { flip(t, rundir.Answers(dir, "unlabelled")) }, 300, "is not usable"},
		{"with an empty file", set, func(dir string) {
			from, err := model.ReadTensors(rundir.Answers(dir, "unlabelled"))
			if err == nil {
				from[1] = model.NamedTensor{Name: saidTensor, Shape: []int{300, 0}, Data: []float32{}}
				err = model.WriteTensors(rundir.Answers(dir, "unlabelled"), from)
			}
			if err != nil {
				t.Fatal(err)
			}
		}, 300, ""},
		{"where none can be kept", set, func(dir string) {
			remove(t, filepath.Join(dir, "trials", "answers"))
			write(t, filepath.Join(dir, "trials", "answers"), "in the way")
		}, 300, "is not kept"},
		{"of other texts", of(texts("others.txt", " d")), func(string) {}, 300, ""},
		{"of another stage 1", other, func(dir string) {
			if _, err := Finetune(background, tiny(t, other...), Options{Dir: dir, Overwrite: true}); err != nil {
				t.Fatal(err)
			}
		}, 300, ""},
	} {
		at := copied(t, out)
		c.spoil(at)
		var last train.Progress
		var log strings.Builder
		report := ofTexts(func(p train.Progress) { last = p })
		if _, err := Retrain(background, tiny(t, c.set...), Options{Dir: at, Resume: true, Report: report, Log: slog.New(slog.NewTextHandler(&log, nil))}); err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		if last.Step != c.read || last.Steps != c.read || c.says != "" && !strings.Contains(log.String(), c.says) || c.says == "" && strings.Contains(log.String(), "WARN") {
			t.Errorf("%s: read %d of %d, want %d; logs\n%s", c.what, last.Step, last.Steps, c.read, &log)
		}
		if c.read == 44 && tree(t, at)[filepath.Join(at, "retrain", "model.safetensors")] != tree(t, straight)[filepath.Join(straight, "retrain", "model.safetensors")] {
			t.Errorf("%s: stage 3 comes to other bits", c.what)
		}
	}
	trial := rundir.Trial(straight, "one")
	report := ofTexts(func(p train.Progress) { t.Errorf("a trial reads %+v", p) })
	if _, err := Retrain(background, e, Options{Dir: trial, Report: report, finetuned: string(rundir.Stage(straight, "finetune"))}); err != nil {
		t.Error(err)
	}
}

// Stage 1's model reads each training example once for a run and all its trials, of a short
// one those that it comes to, and stage 3 comes to the bits to which it comes where the model
// is asked batch by batch. One whose states are learned, too, is asked so.
func TestExamplesAreReadOnce(t *testing.T) {
	long(t)
	dir := without(t, "search", "retrain")
	set := []string{"retrain.distil.alpha=0.5", "retrain.retention=[9,4]"}
	read := 0
	report := readings(func(p train.Progress) {
		if p.Reading == "training examples" {
			read = p.Step
		} else if p.Reading != "evaluation" {
			t.Errorf("it reads %s", p.Reading)
		}
	})
	trial := func(name string, more ...string) string {
		t.Helper()
		read = 0
		out := rundir.Trial(dir, name)
		if _, err := Retrain(background, tiny(t, append(set, more...)...), Options{Dir: out, Report: report, finetuned: string(rundir.Stage(dir, "finetune"))}); err != nil {
			t.Fatal(err)
		}
		return tree(t, out)[filepath.Join(out, "retrain", "model.safetensors")]
	}
	trial("states", "retrain.distil.cls=10")
	if read != 0 {
		t.Errorf("of states that are learned, %d examples are read before", read)
	}
	trial("short", "retrain.steps=2")
	some, batch := read, tiny(t).Retrain.BatchSize
	if some != 2*batch {
		t.Errorf("two steps of %d read %d examples", batch, some)
	}
	trial("balanced", "finetune.sampling=balanced", "retrain.steps=1")
	if read > batch {
		t.Errorf("a step of labels alike reads %d examples", read)
	}
	some += read
	whole := trial("whole")
	all, err := loadTask(background, tiny(t, set...), Options{}.prepare(tiny(t, set...)))
	if err != nil {
		t.Fatal(err)
	}
	if read != len(all.Train)-some {
		t.Errorf("after %d of %d examples, %d are read", some, len(all.Train), read)
	}
	if again := trial("again"); again != whole || read != 0 {
		t.Errorf("another trial reads %d examples, to the same bits: %v", read, again == whole)
	}
	all.asked = nil
	lazy := filepath.Join(t.TempDir(), "lazy")
	if _, err := Retrain(background, tiny(t, set...), Options{Dir: lazy, read: all, finetuned: string(rundir.Stage(dir, "finetune"))}); err != nil {
		t.Fatal(err)
	}
	if tree(t, lazy)[filepath.Join(lazy, "retrain", "model.safetensors")] != whole {
		t.Error("asked batch by batch, it comes to other bits")
	}
}

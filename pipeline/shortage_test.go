package pipeline

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/estimate"
)

// proposed finds what a refusal says to set.
var proposed = regexp.MustCompile(`([a-z_.]+): (\d+)`)

// shortageOf is what estimate.Fits says of stage 1 of an experiment, where so many bytes
// are there for it alone.
func shortageOf(t *testing.T, available uint64, overrides ...string) error {
	t.Helper()
	e := tiny(t, append([]string{"finetune.batch_size=32", "finetune.accumulate=1", "data.pad=true", "data.demo.dev=200"}, overrides...)...)
	r := &run{Options: Options{Dir: empty(t)}.prepare(e), exp: e}
	task, err := loadTask(background, e, r.Options)
	if err != nil {
		t.Fatal(err)
	}
	s, err := firstStage(r, task)
	if err != nil {
		t.Fatal(err)
	}
	return estimate.Fits(setting(r, task), estimate.Task{Plan: r.plan(s.name, task), Learner: s.learner}, 0, available)
}

// A stage that cannot fit is refused with settings that fit: of them the first that change
// least.
func TestSettingsThatFit(t *testing.T) {
	for _, c := range []struct {
		available uint64
		keys      string
	}{
		{9_000_000, "finetune.batch_size finetune.accumulate"},
		{4_800_000, "workers finetune.batch_size finetune.accumulate"},
		{2_170_000, "workers finetune.batch_size finetune.accumulate data.max_length"},
	} {
		err := shortageOf(t, c.available)
		if !errors.As(err, new(*estimate.ShortageError)) {
			t.Fatalf("%d bytes: error is %v, want a shortage", c.available, err)
		}
		_, remedy, _ := strings.Cut(err.Error(), "it fits with ")
		var keys, set []string
		for _, m := range proposed.FindAllStringSubmatch(remedy, -1) {
			keys, set = append(keys, m[1]), append(set, m[1]+"="+m[2])
		}
		if got := strings.Join(keys, " "); got != c.keys {
			t.Errorf("%d bytes: proposes %q, want %q: %v", c.available, got, c.keys, err)
		}
		if err := shortageOf(t, c.available, set...); err != nil {
			t.Errorf("%d bytes: with %v: %v", c.available, set, err)
		}
	}
	if err := shortageOf(t, 1000); err == nil || !strings.Contains(err.Error(), "no batch, number of workers or length fits") {
		t.Errorf("1000 bytes: error is %v, want that nothing fits", err)
	}
	if err := shortageOf(t, 0); err != nil {
		t.Errorf("where the system does not tell: %v", err)
	}
}

// A refused stage leaves nothing behind.
func TestRunThatCannotFit(t *testing.T) {
	dir := empty(t)
	_, err := Finetune(background, tiny(t), Options{Dir: dir, Memory: 1 << 19}) // parameters fit, the program alone does not
	wrong := new(configs.Error)
	if !errors.As(err, &wrong) || wrong.Problems[0].Key != "finetune.batch_size" {
		t.Errorf("error is %v, want one of finetune.batch_size", err)
	}
	if exists(dir) {
		t.Error("the refused run left a directory")
	}
}

// A whole run is refused before stage 1 where a later stage cannot fit; stage 1 by itself
// is not, nor for a list that is yet to be found.
func TestRunLooksAhead(t *testing.T) {
	ended, end := context.WithCancel(background)
	end()
	for _, c := range []struct{ section, set, want string }{
		{"search", "search.lambda=0.001", "search.batch_size"},
		{"retrain", "retrain.retention=[20,7]", "retrain.batch_size"},
		{"retrain", "search.lambda=0.001", ""},
	} {
		e := tiny(t, "finetune.batch_size=2", "search.batch_size=2", "data.pad=true", "data.demo.train=2000", c.section+".batch_size=2000", c.set)
		memory := uint64(estimate.InUse()) + 1<<26
		dir := empty(t)
		_, err := Run(ended, e, Options{Dir: dir, Memory: memory})
		wrong := new(configs.Error)
		if refused := errors.As(err, &wrong); refused != (c.want != "") || refused && wrong.Problems[0].Key != c.want {
			t.Errorf("%s %s: error is %v, want one of %q", c.section, c.set, err, c.want)
		}
		if c.want != "" && exists(dir) {
			t.Error("the refused run left a directory")
		}
		if _, err := Finetune(ended, e, Options{Dir: empty(t), Memory: memory}); !errors.Is(err, ErrInterrupted) {
			t.Errorf("stage 1 alone: %v", err)
		}
	}
}

// A model whose parameters alone are too many is refused before they are reserved.
func TestModelThatCannotFit(t *testing.T) {
	// An encoder of H = F = 32768 has 6·2^30 weights of 4 bytes and the pooler 2^30; gradients
	// and two moments are as many: 112 GiB, and some MiB for words, positions and biases.
	_, err := Finetune(background, tiny(t, "encoder.layers=1", "encoder.hidden=32768", "encoder.intermediate=32768", "encoder.heads=1"), Options{Dir: empty(t), Memory: 1 << 30})
	if err == nil || !regexp.MustCompile(`^demo: training needs 112\.\d GiB of memory at least, and 1\.0 GiB are available; take a model of fewer `).MatchString(err.Error()) {
		t.Errorf("error is %v, want that 112 GiB are needed", err)
	}
	e := tiny(t)
	w := &source{&run{Options: Options{Memory: 1000}.prepare(e), exp: e, model: finished(t) + "/finetune"}, nil}
	if _, _, err := w.load("data.max_length", 48, model.LoadOptions{}); err == nil || !strings.Contains(err.Error(), "training needs ") {
		t.Errorf("error is %v, want that a model of files is refused, too", err)
	}
}

// Sizes whose products no integer holds are too much memory, and no panic.
func TestSizesBeyondIntegers(t *testing.T) {
	long(t)
	e := tiny(t, "encoder.positions=1048576", "data.max_length=1048576", "data.pad=true", "encoder.layers=512", "encoder.heads=16", "finetune.batch_size=536870912")
	_, err := Finetune(background, e, Options{Dir: empty(t), Memory: 1 << 36})
	if err == nil || !strings.Contains(err.Error(), "finetune needs ") {
		t.Errorf("error is %v, want that finetune needs more memory", err)
	}
}

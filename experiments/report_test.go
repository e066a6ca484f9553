package experiments

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// tinyRun makes a run of seconds in dir: the demo task, made small.
func tinyRun(t testing.TB, dir string, overrides ...string) {
	t.Helper()
	e, err := configs.Load("demo", append([]string{
		"seed=3", "workers=1", "data.demo.train=60", "data.demo.dev=45", "data.max_length=40",
		"encoder.layers=3", "encoder.hidden=16", "encoder.heads=2", "encoder.intermediate=24",
		"finetune.epochs=2", "finetune.batch_size=8", "finetune.lr=3e-3",
		"search.epochs=2", "search.min_steps=0", "search.batch_size=16", "search.lr_r=0.2", "search.lambda=0.01", "search.ranks=absolute",
		"retrain.epochs=1", "retrain.batch_size=16", "log_every=1",
	}, overrides...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pipeline.Run(t.Context(), e, pipeline.Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
}

var quick = Options{Examples: 20, Budget: 50 * time.Millisecond, Program: "train of a test"}

// measured is the report of a tiny run, made once.
var measured = sync.OnceValues(func() (*Report, error) {
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	tinyRun(&always{}, dir)
	return Measure(context.Background(), dir, quick)
})

// always is a testing.TB that outlives one test.
type always struct{ testing.TB }

func (*always) Helper()                  {}
func (*always) Fatal(args ...any)        { panic(args) }
func (*always) Context() context.Context { return context.Background() }

func report(t *testing.T) *Report {
	t.Helper()
	r, err := measured()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What is measured anew agrees with what the stages found out in training.
func TestMeasureAgreesWithTheStages(t *testing.T) {
	r := report(t)
	s := r.Summary
	if len(s.Ways) != 4 || s.Examples != 45 || s.Encoders != 3 || s.MaxLength != 40 || s.Timing.Examples != 20 {
		t.Fatalf("summary %+v", s)
	}
	for i, stage := range []int{0, 0, 2, 2} {
		w, want := s.Ways[i], r.Stages[stage].Result
		if math.Abs(w.Dev-want.Dev) > 1e-9 {
			t.Errorf("%s: dev %v, want %v as %s/result.json says", w.Name, w.Dev, want.Dev, want.Stage)
		}
		macs := want.MACs.Real
		if w.Padded {
			macs = want.MACs.Padded
		}
		if w.MACs != macs {
			t.Errorf("%s: %v multiply-adds, want %v as %s/result.json says", w.Name, w.MACs, macs, want.Stage)
		}
		if !(w.Milliseconds.Min > 0) || !(w.LessTime.Unpadded > 0) {
			t.Errorf("%s took %+v", w.Name, w.Milliseconds)
		}
	}
}

func TestMeasureCountsWordVectors(t *testing.T) {
	s := report(t).Summary
	for _, w := range s.Ways {
		if len(w.Kept) != 3 || w.Kept[2] != 1 {
			t.Errorf("%s keeps %v, want [CLS] alone at last", w.Name, w.Kept)
		}
		for j, kept := range w.Kept[:2] {
			want := s.Length
			if w.Padded {
				want = float64(s.MaxLength)
			}
			if w.Power {
				want = min(want, float64(s.Retention.Keep[j]))
			}
			if kept > want+1e-9 || !w.Power && math.Abs(kept-want) > 1e-9 {
				t.Errorf("%s: %v word-vectors leave encoder %d, want %v", w.Name, kept, j+1, want)
			}
		}
	}
	if a, b := s.way(true, true).MACs, s.way(false, true).MACs; a >= b {
		t.Errorf("PoWER costs %v, BERT %v", a, b)
	}
}

func TestMeasureScoresTheBaselines(t *testing.T) {
	s := report(t).Summary
	if got := s.Scores[0]; got.Name != "majority class" || math.Abs(got.Value-0.5) > 0.02 {
		t.Errorf("the majority is %+v, want about a half", got)
	}
	if got := s.Scores[2].Value; got != s.way(false, false).Dev {
		t.Errorf("BERT's accuracy is %v among the scores, %v elsewhere", got, s.way(false, false).Dev)
	}
}

func TestMeasureTracesSentences(t *testing.T) {
	r := report(t)
	wrong := 0
	for _, s := range r.Sentences {
		if s.Words[0] != (Word{"[CLS]", 3}) {
			t.Errorf("a sentence begins with %v", s.Words[0])
		}
		if s.Right != (s.Gold == s.Predicted) || !(s.Probability >= 0.5 && s.Probability <= 1) {
			t.Errorf("verdict %+v", s)
		}
		if !s.Right {
			wrong++
		}
	}
	if len(r.Sentences) < shownRight || wrong > shownWrong {
		t.Errorf("%d sentences, %d of them wrong", len(r.Sentences), wrong)
	}
}

// A model that lets padding vote is compared with padding only.
func TestMeasureWherePaddingVotes(t *testing.T) {
	dir := t.TempDir()
	tinyRun(t, dir, "search.pad_queries_vote=true", "data.metric=macro_f1", "finetune.epochs=1", "search.epochs=1")
	r, err := Measure(t.Context(), dir, quick)
	if err != nil {
		t.Fatal(err)
	}
	s := r.Summary
	if len(s.Ways) != 3 || s.way(true, false) != nil || !s.PaddingVotes {
		t.Errorf("ways %+v, want no unpadded PoWER", s.Ways)
	}
	if got, want := s.way(true, true).Dev, r.Stages[2].Result.Dev; math.Abs(got-want) > 1e-9 {
		t.Errorf("dev %v, want %v", got, want)
	}
	if err := r.WriteHTML(&strings.Builder{}); err != nil {
		t.Error(err)
	}
}

func TestMeasureStopsWithItsContext(t *testing.T) {
	dir := t.TempDir()
	tinyRun(t, dir, "finetune.epochs=1", "search.epochs=1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Measure(ctx, dir, quick); !errors.Is(err, context.Canceled) {
		t.Errorf("measuring in a cancelled context: %v", err)
	}
}

// What is wrong with a run directory is said, with the remedy, and is an error
// of its state.
func TestMeasureRefusesDirectories(t *testing.T) {
	whole := t.TempDir()
	tinyRun(t, whole, "finetune.epochs=1", "search.epochs=1")
	write := func(name, text string) func(dir string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644) }
	}
	remove := func(name string) func(dir string) error {
		return func(dir string) error { return os.RemoveAll(filepath.Join(dir, name)) }
	}
	for _, c := range []struct {
		name  string
		spoil func(dir string) error
		want  string
	}{
		{"no run", remove("experiment.yaml"), "no experiment.yaml here"},
		{"no last stage", remove("retrain"), "no complete retrain stage here"},
		{"an interrupted search", remove("search/result.json"), "no complete search stage here"},
		{"a broken result", write("finetune/result.json", "{"), "result.json: not readable"},
		{"no metrics", remove("search/metrics.jsonl"), "search/metrics.jsonl: is missing; run the stage again with --overwrite"},
		{"broken metrics", write("search/metrics.jsonl", "{\"step\":1}\n{\"step\":2}\n{\"st"), "line 3 is not readable"},
		{"no retention in the model", func(dir string) error {
			return os.CopyFS(dir+"/new", os.DirFS(dir+"/finetune"))
		}, ""},
	} {
		dir := t.TempDir()
		if err := errors.Join(os.CopyFS(dir, os.DirFS(whole)), c.spoil(dir)); err != nil {
			t.Fatal(err)
		}
		if c.want == "" { // the dense model where PoWER's should be
			if err := errors.Join(os.Remove(dir+"/retrain/config.json"), os.Link(dir+"/new/config.json", dir+"/retrain/config.json")); err != nil {
				t.Fatal(err)
			}
			c.want = "holds no retention configuration"
		}
		_, err := Measure(t.Context(), dir, quick)
		var state *rundir.StateError
		var file *model.Error
		if !errors.As(err, &state) && !errors.As(err, &file) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: error %v, want one of the run directory with %q", c.name, err, c.want)
		}
	}
}

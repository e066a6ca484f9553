package report

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

	"github.com/powerbert/powerbert/experiments/exptest"
	"github.com/powerbert/powerbert/internal/manifest"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

func TestMain(m *testing.M) { exptest.Main(m) }

var quick = Options{Examples: 20, Budget: 50 * time.Millisecond, Program: "train of a test"}

// once is the report of a tiny run, made once.
var once struct {
	sync.Once
	report *Report
	err    error
}

// measured is the report of a tiny run.
func measured(t *testing.T) *Report {
	t.Helper()
	dir := exptest.Shared(t)
	once.Do(func() { once.report, once.err = Measure(context.Background(), dir, quick) })
	if once.err != nil {
		t.Fatal(once.err)
	}
	return once.report
}

// What is measured anew agrees with what the stages found out in training.
func TestMeasureAgreesWithTheStages(t *testing.T) {
	r := measured(t)
	s := r.Summary
	if len(s.Ways) != 4 || s.Examples != 45 || s.Encoders != 3 || s.MaxLength != 40 || s.Timing.Examples != 20 || s.Timing.Batch != timedBatch {
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
	s := measured(t).Summary
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

// A curve ends in the mean of a full window, however few steps the last line is about:
// of 16 steps, three a line, those of 13 to 16.
func TestCurvesEndInAFullWindow(t *testing.T) {
	dir := t.TempDir()
	exptest.Run(t, dir, "log_every=3")
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	steps, each := r.Stages[0].Steps, measured(t).Stages[0].Steps
	if len(each) != 16 || len(steps) != 6 || steps[5].Step != 16 {
		t.Fatalf("%d steps, %d lines, the last of step %d", len(each), len(steps), steps[5].Step)
	}
	want := 0.0
	for _, line := range each[12:] {
		want += line.TaskLoss / 4
	}
	drawn := (&Report{Stages: r.Stages}).lossCharts()[0].Lines[0].Points
	if math.Abs(steps[5].TaskLoss-want) > 1e-6 {
		t.Errorf("the last line has the loss %v, want %v", steps[5].TaskLoss, want)
	}
	steps[5].TaskLoss = want
	if again := (&Report{Stages: r.Stages}).lossCharts()[0].Lines[0].Points; again != drawn {
		t.Errorf("the curve is %s, want %s", drawn, again)
	}
}

func TestMeasureScoresTheBaselines(t *testing.T) {
	s := measured(t).Summary
	if got := s.Scores[0]; got.Name != "majority class" || math.Abs(got.Value-0.5) > 0.02 {
		t.Errorf("the majority is %+v, want about a half", got)
	}
	if n := float64(s.Examples); s.Signal != (s.Scores[2].Value > s.Scores[0].Value+2*math.Sqrt(s.Scores[0].Value*(1-s.Scores[0].Value)/n)) {
		t.Errorf("signal %v of BERT's %v over the majority's %v", s.Signal, s.Scores[2].Value, s.Scores[0].Value)
	}
	if got := s.Scores[2].Value; got != s.way(false, false).Dev {
		t.Errorf("BERT's accuracy is %v among the scores, %v elsewhere", got, s.way(false, false).Dev)
	}
}

func TestMeasureTracesSentences(t *testing.T) {
	r := measured(t)
	wrong := 0
	for _, s := range r.Sentences {
		if w := s.Words[0]; w.Text != "[CLS]" || w.Survives != 3 || len(w.Ranks) != 2 || w.Score <= 0 {
			t.Errorf("a sentence begins with %v, want [CLS] with ranks in 2 of 3 encoders", w)
		}
		if len(s.Entering) != 3 || s.Entering[0] < len(s.Words) || s.Entering[1] > s.Entering[0] || s.Entering[2] > s.Entering[1] {
			t.Errorf("%v enter the encoders, of %d words", s.Entering, len(s.Words))
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
	exptest.Run(t, dir, "search.pad_queries_vote=true", "data.metric=macro_f1", "finetune.epochs=1", "search.epochs=1")
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
	dir := exptest.Shared(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Measure(ctx, dir, quick); !errors.Is(err, context.Canceled) {
		t.Errorf("measuring in a cancelled context: %v", err)
	}
}

// What is wrong with a run directory is said, with the remedy, and is an error of its
// state or of a file in it.
func TestMeasureRefusesDirectories(t *testing.T) {
	whole := exptest.Shared(t)
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
			return errors.Join(os.CopyFS(dir+"/new", os.DirFS(dir+"/finetune")), os.Remove(filepath.Join(dir, "retrain", manifest.Name)))
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
			c.want = "and takes no word-vectors out; run the stage again"
		}
		_, err := Measure(t.Context(), dir, quick)
		var state *rundir.StateError
		var left *rundir.FileError
		var file *model.Error
		if !errors.As(err, &state) && !errors.As(err, &left) && !errors.As(err, &file) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: error %v, want one of the run directory with %q", c.name, err, c.want)
		}
	}
}

// A model of fewer neurons that takes no word-vectors out is measured as any.
func TestMeasureNarrow(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dir := t.TempDir()
	exptest.Run(t, dir, "search.lambda=0", "retrain.student=narrow-8")
	r, err := Measure(t.Context(), dir, quick)
	if err != nil {
		t.Fatal(err)
	}
	if fewer := r.Summary.way(true, false).FewerMACs.Unpadded; fewer < 1.2 || fewer > 3 {
		t.Errorf("8 of 24 neurons take %v times fewer multiply-adds", fewer)
	}
}

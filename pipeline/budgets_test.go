package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/budget"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
)

const ofThree = "retrain.budgets=[0.4, 0.6, 0.5]"

// choosing has a candidate win the tournament of a run directory.
func choosing(t *testing.T, dir, name string) {
	t.Helper()
	found := table(t, dir)
	at := slices.IndexFunc(found.Entries, func(e *budget.Entry) bool { return e.Name == name })
	found.Chosen = &found.Entries[at].Candidate
	if err := rundir.WriteJSON(rundir.TournamentFile(dir), found); err != nil {
		t.Fatal(err)
	}
}

// The model of several budgets has their lists in its config.json, that of the largest as its
// own, and scores at each what result.json says.
func TestRetrainForBudgets(t *testing.T) {
	long(t)
	for _, name := range []string{"learned", "geometric", "distilbert-3"} {
		dir := competed(t)
		choosing(t, dir, name)
		r, err := Retrain(background, atHalf(t, ofThree, "retrain.distil.alpha=0.5"), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		c, err := model.ReadConfig(r.Dir)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(c.Budgets.Shares(), []float64{0.6, 0.5, 0.4}) || !slices.Equal(c.PowerRetention.Keep, c.Budgets[0].Keep) || len(r.Budgets) != 3 {
			t.Fatalf("%s: %+v, %v, %+v", name, c.Budgets, c.PowerRetention, r.Budgets)
		}
		if r.Budgets[0].Dev != r.Dev || r.Budgets[0].Loss != r.Loss || r.Budgets[0].MACs != r.MACs {
			t.Errorf("%s: the result is %+v, at the largest budget %+v", name, r, r.Budgets[0])
		}
		mean, first := 0.0, stage1(t, dir)
		for i, b := range r.Budgets {
			mean += b.Chosen / 3
			if share := b.MACs.Real / first.MACs.Real; share > b.Share || share < b.Share-0.15 || !slices.Equal(b.Keep, c.Budgets[i].Keep) {
				t.Errorf("%s: %v at %g costs %v", name, b.Keep, b.Share, share)
			}
			if onDev, err := Evaluate(background, r.Dir, EvaluateOptions{Budget: b.Share + 0.01}); err != nil || onDev.Budget != b.Share || onDev.Value != b.Dev || onDev.Loss != b.Loss {
				t.Errorf("%s at %g: dev is %v (loss %v), evaluated %+v, %v", name, b.Share, b.Dev, b.Loss, onDev, err)
			}
		}
		if onDev, err := Evaluate(background, r.Dir, EvaluateOptions{}); err != nil || onDev.Budget != 0.6 || onDev.Loss != r.Loss {
			t.Errorf("%s: by itself it is evaluated %+v, %v", name, onDev, err)
		}
		if _, err := Evaluate(background, r.Dir, EvaluateOptions{Budget: 0.3}); err == nil || !strings.Contains(err.Error(), "the model has no budget of 0.3 or less, want one of 0.6, 0.5, 0.4, or more") {
			t.Errorf("%s below all: %v", name, err)
		}
		if d := mean - r.Chosen; d > 1e-12 || d < -1e-12 {
			t.Errorf("%s: chosen by %v, the mean over budgets is %v", name, r.Chosen, mean)
		}
	}
}

// stage1 is the result of a run directory's first stage.
func stage1(t *testing.T, dir string) *rundir.Result {
	t.Helper()
	r, err := rundir.ReadResult(dir, configs.StageFinetune)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// One budget alone is stage 3 as ever: the candidate at that price, to the same bits.
func TestOneBudgetIsStage3(t *testing.T) {
	long(t)
	want := competed(t)
	choosing(t, want, "geometric")
	dir := copied(t, want)
	for at, e := range map[string]*configs.Experiment{want: atHalf(t), dir: atHalf(t, "retrain.budgets=[0.5]")} {
		if _, err := Retrain(background, e, Options{Dir: at}); err != nil {
			t.Fatal(err)
		}
	}
	sameFile(t, filepath.Join(dir, "retrain/model.safetensors"), filepath.Join(want, "retrain/model.safetensors"))
	e := atHalf(t)
	task, err := loadTask(background, e, (&Options{Dir: dir}).prepare(e))
	if err != nil {
		t.Fatal(err)
	}
	c, err := model.ReadConfig(filepath.Join(dir, "retrain"))
	if err != nil {
		t.Fatal(err)
	}
	if list := atBudgets(&c, train.Score{Value: 0.25}, &train.State{Best: 0.75}, task); len(list) != 1 || list[0].Dev != 0.25 || list[0].Chosen != 0.75 {
		t.Errorf("at its budget it is %+v, want chosen by 0.75 and 0.25 on dev", list)
	}
}

// Interrupted and resumed it ends with the same bits, scores and log.
func TestBudgetsResume(t *testing.T) {
	long(t)
	want := competed(t)
	choosing(t, want, "geometric")
	dir, e := copied(t, want), atHalf(t, ofThree, "retrain.epochs=2", "encoder.dropout=0.1")
	if _, err := Retrain(background, e, Options{Dir: want}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(background)
	if _, err := Retrain(ctx, e, Options{Dir: dir, Report: when{"retrain", 5, cancel}}); !errors.Is(err, ErrInterrupted) {
		t.Fatalf("interrupted: %v", err)
	}
	if _, err := Retrain(background, e, Options{Dir: dir, Resume: true}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"model.safetensors", "config.json"} {
		sameFile(t, filepath.Join(dir, "retrain", name), filepath.Join(want, "retrain", name))
	}
	sameSteps(t, filepath.Join(dir, "retrain/metrics.jsonl"), filepath.Join(want, "retrain/metrics.jsonl"))
}

// After the paper's search for a λ its masses are scaled; a budget that nothing meets is an
// error before anything is written.
func TestBudgetsOfLambda(t *testing.T) {
	long(t)
	dir := without(t, "retrain")
	if _, err := Retrain(background, tiny(t, "retrain.budgets=[0.01]"), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "retrain.budgets: 0.01 of the multiply-adds is too little") {
		t.Errorf("got %v", err)
	}
	if exists(filepath.Join(dir, "retrain")) {
		t.Error("a refused stage has a directory")
	}
	r, err := Retrain(background, tiny(t, "retrain.budgets=[1, 0.7]", "retrain.epochs=1"), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Budgets) != 2 || !slices.Equal(r.Budgets[0].Keep, []int{48, 48}) || r.RetentionFrom != searchedRetention {
		t.Errorf("%+v from %s", r.Budgets, r.RetentionFrom)
	}
	if _, err := os.Stat(filepath.Join(r.Dir, "model.safetensors")); err != nil {
		t.Error(err)
	}
}

package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/pipeline/budget"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
)

// third wants a configuration of tiny that saves a third.
var third = budget.Goal{By: budget.BySpeedup, Value: 1.5, Low: 1e-7, High: 1e-5, Trials: 6}

// within is a goal that any retraining of tiny reaches.
var within = budget.Goal{By: budget.ByDrop, Value: 99, Low: 1e-7, High: 3e-7, Trials: 3}

// slow is tiny whose r cannot fall to 0, so that λ decides how far it falls.
func slow(t testing.TB) []string {
	t.Helper()
	return []string{"search.lr_r=0.1", "search.lambda=1e-7", "retrain.epochs=1"}
}

// soughtFor is a run directory of slow after a search for a goal.
func soughtFor(t *testing.T, name string, g budget.Goal) string {
	t.Helper()
	from := without(t, "search", "retrain")
	return original(t, name, func(dir string) error {
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			return err
		}
		_, err := SearchFor(background, tiny(t, slow(t)...), Options{Dir: dir}, g)
		return err
	})
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

// timeless is a table without what differs from run to run.
func timeless(t *testing.T, dir string) budget.Trials {
	t.Helper()
	var found budget.Trials
	if err := json.Unmarshal([]byte(read(t, filepath.Join(dir, "trials/trials.json"))), &found); err != nil {
		t.Fatal(err)
	}
	for _, trial := range append(found.Trials, found.Chosen) {
		trial.Seconds = 0
		trial.Dir = filepath.Base(trial.Dir)
	}
	found.Verdict = ""
	return found
}

func TestSearchForASpeedup(t *testing.T) {
	dir := soughtFor(t, "third", third)
	found := timeless(t, dir)
	if !found.Reached || found.Chosen.Speedup < 1.5 || found.Chosen.Stage != "search" || len(found.Trials) < 2 {
		t.Fatalf("found %+v, chosen %+v", found, found.Chosen)
	}
	for _, trial := range found.Trials {
		if trial.Speedup >= 1.5 && trial.Speedup < found.Chosen.Speedup {
			t.Errorf("lambda %g saves %v, nearer than the chosen %+v", trial.Lambda, trial.Speedup, found.Chosen)
		}
	}
	sameStage(t, dir, found.Chosen.Dir, "search")
	if exists(filepath.Join(dir, "retrain")) {
		t.Error("a search for a speed-up leaves a retraining")
	}
	// What was chosen is what a search with its λ finds, and one can go on from it.
	plain := without(t, "search", "retrain")
	e := tiny(t, slow(t)...)
	e.Search.Lambda = found.Chosen.Lambda
	if _, err := Search(background, e, Options{Dir: plain}); err != nil {
		t.Fatal(err)
	}
	sameFile(t, filepath.Join(dir, "search/model.safetensors"), filepath.Join(plain, "search/model.safetensors"))
	r, err := Retrain(background, e, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	first, err := rundir.ReadResult(dir, "finetune")
	if err != nil {
		t.Fatal(err)
	}
	if got := first.MACs.Real / r.MACs.Real; got != found.Chosen.Speedup {
		t.Errorf("the retrained model saves %v, the trial promised %v", got, found.Chosen.Speedup)
	}
}

func sameStage(t *testing.T, dir, trial, stage string) {
	t.Helper()
	for path := range tree(t, filepath.Join(dir, stage)) {
		inside, _ := filepath.Rel(dir, path)
		sameFile(t, path, filepath.Join(dir, "trials", trial, inside))
	}
}

// Interrupted in any trial, in search and in retraining, the same call ends with
// the same table and the same bits, and runs no complete trial again.
func TestInterruptedTrialsGoOn(t *testing.T) {
	long(t)
	want := soughtFor(t, "within", within)
	for _, at := range []when{{stage: "search", step: 7}, {stage: "retrain", step: 2}} {
		for n := 1; n <= 2; n++ {
			dir := without(t, "search", "retrain")
			ctx, cancel := context.WithCancel(background)
			stop := &nth{when{at.stage, at.step, cancel}, n}
			if _, err := SearchFor(ctx, tiny(t, slow(t)...), Options{Dir: dir, Report: stop}, within); !errors.Is(err, ErrInterrupted) {
				t.Fatalf("%s of trial %d: %v", at.stage, n, err)
			}
			if exists(filepath.Join(dir, "search")) {
				t.Errorf("%s of trial %d: nothing is chosen yet, but there is a search", at.stage, n)
			}
			complete := tree(t, dir)
			if _, err := SearchFor(background, tiny(t, slow(t)...), Options{Dir: dir}, within); err != nil {
				t.Fatal(err)
			}
			for path, text := range complete {
				stage := filepath.Dir(path)
				if _, done := complete[filepath.Join(stage, "result.json")]; done && tree(t, stage)[path] != text {
					t.Errorf("%s of trial %d: %s was made again", at.stage, n, path)
				}
			}
			if g, w := timeless(t, dir), timeless(t, want); !reflect.DeepEqual(g, w) {
				t.Errorf("%s of trial %d: found %+v, want %+v", at.stage, n, g, w)
			}
			for _, name := range []string{"search/model.safetensors", "search/retention.json", "retrain/model.safetensors"} {
				sameFile(t, filepath.Join(dir, name), filepath.Join(want, name))
			}
		}
	}
}

// A drop takes the retraining over, too; run again, nothing changes; another goal
// uses the same trials.
func TestSearchForADrop(t *testing.T) {
	dir := soughtFor(t, "within", within)
	found := timeless(t, dir)
	if !found.Reached || found.Chosen.Stage != "retrain" || found.Chosen.Lambda != 3e-7 || len(found.Trials) != 2 {
		t.Fatalf("found %+v, chosen %+v", found, found.Chosen)
	}
	sameStage(t, dir, "lambda-3e-07", "search")
	sameStage(t, dir, "lambda-3e-07", "retrain")
	e := tiny(t, slow(t)...)
	fresh := func() {
		again, err := SearchFor(background, e, Options{Dir: dir}, within)
		if err != nil || len(again.Results) != 2 {
			t.Fatalf("again: %+v, %v", again, err)
		}
	}
	fresh() // trials.json has the directory of the copy from now on
	keeps(t, dir, fresh)
	one := within
	one.High = 1e-7
	if _, err := SearchFor(background, e, Options{Dir: dir, Report: when{"search", 1, func() { t.Error("a complete trial is run again") }}}, one); err != nil {
		t.Fatal(err)
	}
	sameStage(t, dir, "lambda-1e-07", "retrain")
}

// A goal that no trial reaches changes nothing of the run, and says what is nearest
// and what stands in the way.
func TestGoalOutOfReach(t *testing.T) {
	e := tiny(t, append(slow(t), "search.lr_r=0.02")...)
	for _, c := range []struct {
		goal budget.Goal
		want []string
	}{
		{budget.Goal{By: budget.BySpeedup, Value: 9, Low: 1e-3, High: 1e-2, Trials: 5}, []string{"not reached: 9× fewer multiply-adds than BERT, neither padded; the travel budget of r is 0.14, below 1",
			"set search.lr_r to auto, or raise it or search.epochs. The nearest is in ", "/trials/lambda-0.0"}},
		{budget.Goal{By: budget.BySpeedup, Value: 9, Low: 1e-3, High: 1e-2, Trials: 1}, []string{"; 1 trials were too few; allow more with --trials, those made are kept. The nearest is in "}},
	} {
		dir := without(t, "search", "retrain")
		found, err := SearchFor(background, e, Options{Dir: dir}, c.goal)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if found.Reached || !strings.Contains(found.Verdict, want) {
				t.Errorf("verdict\n%s\nlacks\n%s", found.Verdict, want)
			}
		}
		if exists(filepath.Join(dir, "search")) || len(found.Results) > 0 {
			t.Errorf("%v, not reached, leaves a search", c.goal)
		}
	}
}

func TestSearchForRefusals(t *testing.T) {
	e := tiny(t, slow(t)...)
	plain := finished(t)
	keeps(t, plain, func() {
		_, err := SearchFor(background, tiny(t), Options{Dir: plain}, third)
		fails(t, err, plain+": holds a search that is no trial's; discard it with --overwrite, or use another --out")
	})
	none := empty(t)
	_, err := SearchFor(background, e, Options{Dir: none}, third)
	fails(t, err, none+": no complete finetune stage here; run `train finetune CONFIG --out "+none+"` first")
	given := tiny(t, "retrain.retention=[3, 2]")
	_, err = SearchFor(background, given, Options{Dir: without(t, "search", "retrain")}, third)
	fails(t, err, "demo: retrain.retention gives the configuration, so there is none to search for; remove it")
	// A retraining of one's own is not discarded for another choice of trial.
	dir := soughtFor(t, "third", third)
	chosen := timeless(t, dir).Chosen
	e.Search.Lambda = chosen.Lambda
	if _, err := Retrain(background, e, Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	e = tiny(t, slow(t)...)
	keeps(t, filepath.Join(dir, "retrain"), func() {
		_, err = SearchFor(background, e, Options{Dir: dir}, within)
		fails(t, err, dir+": holds a retraining that is no trial's; discard it with --overwrite")
	})
	if _, err := SearchFor(background, e, Options{Dir: dir, Overwrite: true}, within); err != nil {
		t.Fatal(err)
	}
	sameStage(t, dir, "lambda-3e-07", "retrain")
}

// The trial of a dry run is in the trials of its own directory, and is kept.
func TestATrialOfADryRun(t *testing.T) {
	dir, e := empty(t), tiny(t)
	o := Options{Dir: dir, MaxSteps: 2}
	if _, err := Finetune(background, e, o); err != nil {
		t.Fatal(err)
	}
	if err := TryLambda(background, e, o, 0.3); err != nil {
		t.Fatal(err)
	}
	trial := filepath.Join(dir+".dry", "trials", "lambda-0.3")
	if got := rundir.LambdaTrials(dir + ".dry"); !slices.Equal(got, []string{trial}) {
		t.Fatalf("trials %q, want %q", got, trial)
	}
	keeps(t, filepath.Join(trial, "retrain"), func() {
		if err := TryLambda(background, e, o, 0.3); err != nil {
			t.Error(err)
		}
	})
}

// budget.Trials stand on stage 1 and on the experiment: with another stage 1 they go, and
// those of another experiment go where that is asked for.
func TestTrialsOfAnotherExperiment(t *testing.T) {
	dir := soughtFor(t, "within", within)
	e := tiny(t, append(slow(t), "search.lr_r=0.05")...)
	_, err := SearchFor(background, e, Options{Dir: dir}, within)
	if err == nil || !strings.Contains(err.Error(), "holds the search stage of another experiment (search.lr_r: 0.1 → 0.05)") {
		t.Errorf("another experiment: %v", err)
	}
	found, err := SearchFor(background, e, Options{Dir: dir, Overwrite: true}, within)
	if err != nil || slices.Equal(found.Chosen.Retention, timeless(t, soughtFor(t, "within", within)).Chosen.Retention) {
		t.Errorf("another experiment finds %+v, %v", found.Chosen, err)
	}
	if _, err := Finetune(background, e, Options{Dir: dir, Overwrite: true}); err != nil {
		t.Fatal(err)
	}
	if exists(filepath.Join(dir, "trials")) {
		t.Error("the trials, which stood on stage 1, are still there")
	}
}

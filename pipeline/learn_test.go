package pipeline

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/estimate"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/retention"
)

// A search on the demo task learns something: its model stays about as good as stage
// 1's under a little λ; more λ takes out more mass and never retains more; the most
// significant ranks keep the largest weights; and what it retains under a little lambda
// suits its model better than other configurations of the same cost, by more than
// chance.
func TestSearchLearns(t *testing.T) {
	if testing.Short() {
		t.Skip("trains the demo's model and searches twice")
	}
	stage1 := t.TempDir()
	first, err := Finetune(background, demo(t), Options{Dir: stage1})
	if err != nil {
		t.Fatal(err)
	}
	if first.Dev < 0.9 { // a bag of words reaches 0.66
		t.Errorf("stage 1 scores %.4f, want 0.9 at least", first.Dev)
	}
	var before *rundir.Retention
	for _, lambda := range []float64{3e-4, 3e-3} {
		e := demo(t, fmt.Sprintf("search.lambda=%g", lambda))
		dir := t.TempDir()
		if err := os.CopyFS(filepath.Join(dir, "finetune"), os.DirFS(filepath.Join(stage1, "finetune"))); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "experiment.yaml"), string(e.YAML()))
		found, err := Search(background, e, Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		r := found.Retention
		t.Logf("lambda %g: masses %.2f, retention %v", lambda, r.Mass, r.Retention)
		if before != nil {
			retainsNoMore(t, r, before)
		} else if found.Dev < first.Dev-0.03 {
			t.Errorf("lambda %g: the search scores %.4f, stage 1 %.4f", lambda, found.Dev, first.Dev)
		}
		lowRanksWeighMore(t, r)
		if before == nil { // more lambda leaves too few word-vectors to choose among
			suitsBetterThanDrawn(t, e, dir, r)
		}
		before = r
	}
}

func demo(t *testing.T, overrides ...string) *configs.Experiment {
	t.Helper()
	e, err := configs.Load("demo", append([]string{"workers=2", "finetune.epochs=4", "finetune.min_steps=0", "search.min_steps=0", "search.lr_r=1e-2", "data.held_out=0", "retrain.distil.alpha=0", "search.score=attention", "search.dead_last=false"}, overrides...))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func retainsNoMore(t *testing.T, r, less *rundir.Retention) {
	t.Helper()
	if now, was := weighed(r.Mass), weighed(less.Mass); now > 0.9*was {
		t.Errorf("lambda %g leaves Σ j·mass %.1f, %g leaves %.1f: want a tenth less at least", r.Lambda, now, less.Lambda, was)
	}
	for j, l := range r.Retention {
		if l > less.Retention[j] {
			t.Errorf("lambda %g retains %v, %g retains %v: more in encoder %d", r.Lambda, r.Retention, less.Lambda, less.Retention, j+1)
		}
	}
}

// weighed is Σ j·mass.
func weighed(mass []float64) (sum float64) {
	for j, m := range mass {
		sum += float64(j+1) * m
	}
	return sum
}

// lowRanksWeighMore compares the first eighth of the ranks with the last half, in
// every encoder whose choice can matter.
func lowRanksWeighMore(t *testing.T, r *rundir.Retention) {
	t.Helper()
	mean := func(x []float32) (m float64) {
		for _, v := range x {
			m += float64(v) / float64(len(x))
		}
		return m
	}
	for j, weights := range r.R[:len(r.R)-1] {
		low, high := mean(weights[:r.MaxLength/8]), mean(weights[r.MaxLength/2:])
		if low <= high {
			t.Errorf("lambda %g, encoder %d: r is %.3f in the mean of the low ranks, %.3f of the high ones", r.Lambda, j+1, low, high)
		}
	}
}

// suitsBetterThanDrawn compares the dev accuracy of the search's Θ under hard
// extraction, not retrained, with what it learned and with configurations drawn
// at random.
func suitsBetterThanDrawn(t *testing.T, e *configs.Experiment, dir string, r *rundir.Retention) {
	t.Helper()
	const draws = 24
	task, err := loadTask(background, e, Options{}.prepare(e))
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := model.LoadTrained[float32](filepath.Join(dir, configs.StageSearch))
	if err != nil {
		t.Fatal(err)
	}
	accuracy := func(keep []int) float64 {
		use := model.Use{Elimination: retention.Elimination{Keep: keep, Length: r.MaxLength, Relative: r.Ranks == retention.RanksRelative, Score: e.Search.Score}}
		nets, err := predict.NewReplicas(e.Workers, loaded.Config, loaded.Params, nil, use)
		if err != nil {
			t.Fatal(err)
		}
		out, err := predict.Run{Nets: nets}.Outputs(background, task.Dev)
		if err != nil {
			t.Fatal(err)
		}
		value, _, err := out.Score(e.Data.Metric)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	random, others := rand.New(rand.NewPCG(1, 1)), make([]float64, draws)
	for i := range others {
		others[i] = accuracy(drawn(random, loaded.Config, r, task))
	}
	learned, drawn := accuracy(r.Retention), metric.SpreadOf(others)
	t.Logf("lambda %g: the learned %v scores %.4f, drawn ones of the same cost %.4f ± %.4f", r.Lambda, r.Retention, learned, drawn.Mean, drawn.SD)
	if learned <= drawn.Mean+2*drawn.SD/math.Sqrt(draws) {
		t.Errorf("lambda %g: what was learned is no better than what was drawn", r.Lambda)
	}
}

// drawn is a retention configuration drawn at random, of the multiply-adds of
// another to within 3 %.
func drawn(random *rand.Rand, c arch.Config, like *rundir.Retention, task *task) []int {
	cost := func(keep []int) float64 {
		e := retention.Elimination{Keep: keep, Length: like.MaxLength, Relative: like.Ranks == retention.RanksRelative}
		return estimate.MACs(&c, &e, task.Dev, like.MaxLength).Real
	}
	want := cost(like.Retention)
	for {
		keep := make([]int, len(like.Retention))
		for j := range keep {
			keep[j] = int(math.Exp(random.Float64() * math.Log(float64(like.MaxLength)+1)))
		}
		slices.Sort(keep)
		slices.Reverse(keep)
		if math.Abs(cost(keep)/want-1) < 0.03 && !slices.Equal(keep, like.Retention) {
			return keep
		}
	}
}

// A reader keeps the last report, and how often what is shown was ended.
type reader struct {
	silent
	last  train.Progress
	ended int
}

func (r *reader) Report(p train.Progress) { r.last = p }
func (r *reader) Close()                  { r.ended++ }

// A command's pass over texts shows how far it is, and nothing once it is over.
func TestWatchedEvaluation(t *testing.T) {
	long(t)
	r := &reader{}
	e, err := Evaluate(Watching(background, r, "eval"), filepath.Join(finished(t), "retrain"), EvaluateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if p := r.last; p.Stage != "eval" || p.Reading != "texts" || p.Step != e.Examples || p.Steps != e.Examples || r.ended != 1 {
		t.Errorf("last shown is %+v, ended %d times, of %d examples", p, r.ended, e.Examples)
	}
}

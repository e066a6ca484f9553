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
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/estimate"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/predict"
	"github.com/powerbert/powerbert/retention"
)

// A search on the demo task learns something: more λ never retains more, the
// most significant ranks keep the largest weights, and what it retains under a
// little lambda suits its model better than other configurations of the same cost.
func TestSearchLearns(t *testing.T) {
	if testing.Short() {
		t.Skip("trains the demo's model and searches three times")
	}
	stage1 := t.TempDir()
	if _, err := Finetune(background, demo(t), Options{Dir: stage1}); err != nil {
		t.Fatal(err)
	}
	var before *rundir.Retention
	for _, lambda := range []float64{3e-4, 1e-3, 3e-3} {
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
	e, err := configs.Load("demo", append([]string{"workers=2", "finetune.epochs=4"}, overrides...))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func retainsNoMore(t *testing.T, r, less *rundir.Retention) {
	t.Helper()
	for j, l := range r.Retention {
		if l > less.Retention[j] {
			t.Errorf("lambda %g retains %v, %g retains %v: more in encoder %d", r.Lambda, r.Retention, less.Lambda, less.Retention, j+1)
		}
	}
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
		use := model.Use{Elimination: retention.Elimination{Keep: keep, Length: r.MaxLength, Relative: r.Ranks == retention.RanksRelative}}
		nets, err := predict.NewReplicas(e.Workers, loaded.Config, loaded.Params, nil, use)
		if err != nil {
			t.Fatal(err)
		}
		defer nets.Close()
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
	random, mean := rand.New(rand.NewPCG(1, 1)), 0.0
	for range draws {
		mean += accuracy(drawn(random, loaded.Config, r, task)) / draws
	}
	learned := accuracy(r.Retention)
	t.Logf("lambda %g: the learned %v scores %.4f, drawn ones of the same cost %.4f in the mean", r.Lambda, r.Retention, learned, mean)
	if learned <= mean {
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

package paper

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/experiments/exptest"
	"github.com/powerbert/powerbert/experiments/report"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

func TestScaledConfigurations(t *testing.T) {
	for _, c := range []struct {
		keep  []int
		scale float64
		want  []int
	}{
		{[]int{153, 80, 5}, 1, []int{153, 80, 5}},
		{[]int{153, 80, 5}, 0.5, []int{77, 40, 3}},
		{[]int{153, 80, 5}, 0.01, []int{2, 1, 1}},
		{[]int{153, 80, 5}, 3, []int{200, 200, 15}},
		{[]int{10, 10, 1}, 0.1, []int{1, 1, 1}},
		{[]int{30, 10, 10}, 0.7, []int{21, 7, 7}}, // 0.7·30 is above 21 by a rounding of floating point
	} {
		if got := scaled(c.keep, c.scale, 200); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v × %v is %v, want %v", c.keep, c.scale, got, c.want)
		}
	}
	if got := distinct([]float64{2, 1, 2}, 9); !reflect.DeepEqual(got, []float64{1, 2}) {
		t.Errorf("2, 1, 2 are %v", got)
	}
	if got := distinct(nil, 9); !reflect.DeepEqual(got, []int{9}) {
		t.Errorf("none are %v, want 9", got)
	}
}

// All strategies have the same configuration at a budget, the same stage 1, which stays
// where it is, and a run of each seed; and what is complete is not trained again.
func TestStrategiesAreFairAndResume(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dir := t.TempDir()
	exptest.Run(t, dir, append(exptest.Files(t), "retrain.retention=[20, 9, 1]")...)
	before := stageFiles(t, filepath.Join(dir, "finetune"))
	o := Options{Scales: []float64{0.5, 1}, Seeds: []int{3, 8}}
	f, err := MakeFigure(t.Context(), "strategies", dir, o)
	if err != nil {
		t.Fatal(err)
	}
	s := f.Result.(*Strategies)
	if s.From != "retrain.retention" || len(s.Budgets) != 2 || !reflect.DeepEqual(s.Budgets[0].Retention, []int{10, 5, 1}) ||
		!reflect.DeepEqual(s.Budgets[1].Retention, []int{20, 9, 1}) {
		t.Fatalf("budgets %+v of %s", s.Budgets, s.From)
	}
	for _, b := range s.Budgets {
		for i, one := range b.Strategies {
			if one.Strategy != strategyNames[i].key || one.Dev.N != 2 || len(one.Runs) != 2 || one.PaddedMACs != b.Strategies[0].PaddedMACs || one.PaddedMACs.SD != 0 {
				t.Errorf("× %v: %+v, want two runs that cost, padded, what %+v does", b.Scale, one, b.Strategies[0].PaddedMACs)
			}
			for k, run := range one.Runs {
				model, err := infer.Open(filepath.Join(run, "retrain"), 40)
				if err != nil {
					t.Fatal(err)
				}
				if keep := model.Config.PowerRetention.Keep; !reflect.DeepEqual(keep, b.Retention) {
					t.Errorf("%s keeps %v, want %v", run, keep, b.Retention)
				}
				e, err := rundir.ReadExperiment(run)
				if err != nil || e.Seed != o.Seeds[k] || e.Retrain.Strategy != one.Strategy {
					t.Errorf("%s: seed %d, strategy %s (%v)", run, e.Seed, e.Retrain.Strategy, err)
				}
				if _, err := os.Stat(filepath.Join(run, "finetune")); err == nil {
					t.Errorf("%s has a stage 1 of its own", run)
				}
			}
		}
		if positions := drawn(t, b.Strategies[1].Runs); reflect.DeepEqual(positions[0], positions[1]) {
			t.Errorf("both seeds draw %v", positions[0])
		}
	}
	if after := stageFiles(t, filepath.Join(dir, "finetune")); !reflect.DeepEqual(after, before) {
		t.Error("stage 1 was touched")
	}
	trained := stageFiles(t, filepath.Join(dir, "trials"))
	again, err := MakeFigure(t.Context(), "strategies", dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again.Result, f.Result) || !reflect.DeepEqual(stageFiles(t, filepath.Join(dir, "trials")), trained) {
		t.Error("the same call trains again")
	}
	if err := f.draw(&strings.Builder{}, "svg"); err != nil {
		t.Errorf("with deviations: %v", err)
	}
	refuseOtherSettings(t, dir, o)
}

// refuseOtherSettings wants trials of other settings to be refused, not mixed in.
func refuseOtherSettings(t *testing.T, dir string, o Options) {
	t.Helper()
	e, err := configs.Load(filepath.Join(dir, "experiment.yaml"), []string{"retrain.lr=1e-9"})
	if err != nil {
		t.Fatal(err)
	}
	exptest.Write(t, filepath.Join(dir, "experiment.yaml"), string(e.YAML()))
	_, err = MakeFigure(t.Context(), "strategies", dir, o)
	var state *rundir.StateError
	if !errors.As(err, &state) || !strings.Contains(err.Error(), "is a trial of other settings (retrain.lr") {
		t.Errorf("another learning rate: %v", err)
	}
}

// drawn is the positions of each run.
func drawn(t *testing.T, runs []string) [][]int {
	t.Helper()
	return each(runs, func(dir string) []int {
		model, err := infer.Open(filepath.Join(dir, "retrain"), 40)
		if err != nil {
			t.Fatal(err)
		}
		return model.Config.PowerRetention.Positions
	})
}

// stageFiles tells when the files under a folder were written.
func stageFiles(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	times := map[string]int64{}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			times[path] = info.ModTime().UnixNano()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return times
}

// With a search its configuration is what is scaled; budgets that come to the same
// are one.
func TestStrategiesScaleTheSearch(t *testing.T) {
	r := stage1(t)
	s, err := budgets(r, Options{Scales: []float64{1, 1000, 2000}})
	if err != nil {
		t.Fatal(err)
	}
	found, err := rundir.ReadRetention(r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.From != "search" || len(s.Budgets) != 2 || !reflect.DeepEqual(s.Budgets[0].Retention, found.Retention) || !reflect.DeepEqual(s.Budgets[1].Retention, []int{40, 40, 40, 40}) {
		t.Errorf("budgets %+v of %s, want those of %v", s.Budgets, s.From, found.Retention)
	}
	if first, err := rundir.ReadResult(r.Dir, "finetune"); err != nil || math.Abs(s.BERT-first.Dev) > 0 || s.MACs != first.MACs {
		t.Errorf("BERT %v at %+v, want %v at %+v (%v)", s.BERT, s.MACs, first.Dev, first.MACs, err)
	}
	var state *rundir.StateError
	if _, err := budgets(r, Options{Seeds: []int{3, 4}}); !errors.As(err, &state) || !strings.Contains(err.Error(), "other seeds than 3 are other data") {
		t.Errorf("another seed of the demo task: %v", err)
	}
}

// Where nothing was searched the list of stage 3 is what is scaled, unless it is a student's.
func TestStrategiesScaleWhatWon(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	of := func(candidate string) (*Strategies, error) {
		dir := t.TempDir()
		exptest.Run(t, dir, "search.target=0.6", "search.candidates=["+candidate+"]")
		r, err := report.OpenFinetuned(dir)
		if err != nil {
			t.Fatal(err)
		}
		return budgets(r, Options{Scales: []float64{1}})
	}
	s, err := of("geometric")
	if err != nil {
		t.Fatal(err)
	}
	if first := s.Searched[0]; s.From != "retrain" || len(s.Searched) != 3 || first <= s.Searched[2] || !reflect.DeepEqual(s.Budgets[0].Retention, s.Searched) {
		t.Errorf("%v of %s", s.Searched, s.From)
	}
	if _, err := of("distilbert-2"); err == nil || !strings.Contains(err.Error(), "is a student of 2 encoders of 24 feed-forward neurons, and its list is none for stage 1's 3 of 24; compare strategies in a run of") {
		t.Errorf("of a student: %v", err)
	}
	if _, err := of("narrow"); err == nil || !strings.Contains(err.Error(), "is a student of 3 encoders of 16 feed-forward neurons, and") {
		t.Errorf("of fewer neurons: %v", err)
	}
}

// What the paper has in the place of the strategies is its table alone: accuracies of
// theirs could not be checked against a copy.
func TestStrategiesQuoteTheTableAlone(t *testing.T) {
	if got := figure(t, "strategies").Published; !reflect.DeepEqual(got, publishedTable("bert", "demo")) {
		t.Errorf("published: %q, want what the table has", got)
	}
}

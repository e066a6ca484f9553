package compare

import (
	"math"
	"reflect"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/experiments/exptest"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// onFold is the results of stage 1, and of stage 3 unless power is 0, on a fold.
func onFold(t *testing.T, fold string, bert, power float64) string {
	results := map[string]rundir.Result{configs.StageFinetune: {Metric: "f1", Dev: bert, Also: metric.Scores{"accuracy": bert / 2}, Loss: 1 - bert, Epoch: 2}}
	if power > 0 {
		results[configs.StageRetrain] = rundir.Result{Metric: "f1", Dev: power}
	}
	return made(t, results, "data.fold="+fold)
}

// The table has a row for each fold, and mean, deviation and ends below; a stage that not
// all folds have has none.
func TestCrossValidate(t *testing.T) {
	dirs := []string{onFold(t, "1/3", 0.8, 0.7), onFold(t, "2/3", 0.9, 0), onFold(t, "3/3", 0.7, 0.6)}
	c, err := CrossValidate(dirs)
	if err != nil {
		t.Fatal(err)
	}
	if c.Metric != "f1" || len(c.Stages) != 1 || len(c.Lacks) > 0 || c.Stages[0].Stage != configs.StageFinetune {
		t.Fatalf("%+v, want stage 1 alone", c)
	}
	exptest.Near(t, "f1", c.Stages[0].Dev, metric.Spread{Mean: 0.8, SD: 0.1, Min: 0.7, Max: 0.9, N: 3})
	exptest.Near(t, "loss", c.Stages[0].Loss, metric.Spread{Mean: 0.2, SD: 0.1, Min: 0.1, Max: 0.3, N: 3})
	exptest.Near(t, "accuracy", c.Stages[0].Also["accuracy"], metric.Spread{Mean: 0.4, SD: 0.05, Min: 0.35, Max: 0.45, N: 3})
	want := "finetune|dev f1|dev accuracy|dev loss|epoch|run\n" +
		"1/3|0.8000|0.4000|0.2000|2|" + dirs[0] + "/finetune\n" +
		"2/3|0.9000|0.4500|0.1000|2|" + dirs[1] + "/finetune\n" +
		"3/3|0.7000|0.3500|0.3000|2|" + dirs[2] + "/finetune\n" +
		"3 folds|0.8000 ± 0.1000 [0.7000–0.9000]|0.4000 ± 0.0500 [0.3500–0.4500]|0.2000 ± 0.1000 [0.1000–0.3000]||"
	if got := joined(c.Stages[0].Rows()); got != want {
		t.Errorf("rows\n%s\nwant\n%s", got, want)
	}
}

// A fold that lacks stage 1 is named; the others are averaged, in all stages that they have.
func TestCrossValidateWithoutAFold(t *testing.T) {
	empty := made(t, nil, "data.fold=2/3")
	c, err := CrossValidate([]string{onFold(t, "1/3", 0.8, 0.7), empty, onFold(t, "3/3", 0.6, 0.5)})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c.Lacks, []string{empty}) || len(c.Stages) != 2 || c.Stages[1].Dev.N != 2 || math.Abs(c.Stages[1].Dev.Mean-0.6) > 1e-12 {
		t.Errorf("%+v, want two folds in both stages", c)
	}
	if none, err := CrossValidate([]string{empty}); err != nil || len(none.Stages) > 0 || len(none.Lacks) != 1 {
		t.Errorf("of nothing: %+v, %v", none, err)
	}
	if _, err := CrossValidate([]string{t.TempDir()}); err == nil {
		t.Error("a directory that is no run's has folds")
	}
}

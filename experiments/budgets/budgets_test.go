package main

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/experiments/exptest"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

func TestMain(m *testing.M) { exptest.Main(m) }

// train makes a tiny run with budgets.
func train(t *testing.T, dir, budgets string, overrides ...string) string {
	exptest.Run(t, dir, append([]string{"compat=", "search.lambda=0", "search.target=0.4", "search.candidates=[geometric]", "retrain.budgets=" + budgets}, overrides...)...)
	return dir
}

// Both models score what their runs recorded, at each budget, and the difference over all is
// the mean of theirs.
func TestRecord(t *testing.T) {
	dir := t.TempDir()
	dirs := []string{train(t, filepath.Join(dir, "4"), "[0.4]"), train(t, filepath.Join(dir, "both"), "[0.7,0.4]"), train(t, filepath.Join(dir, "7"), "[0.7]")}
	if err := run(t.Context(), append([]string{"-out", dir}, dirs...)); err != nil {
		t.Fatal(err)
	}
	var r Record
	if err := rundir.ReadJSON(filepath.Join(dir, "results.json"), &r); err != nil {
		t.Fatal(err)
	}
	task := r.Tasks[0]
	if len(r.Tasks) != 1 || len(task.Rows) != 2 || task.Examples != 45 {
		t.Fatalf("%+v", task)
	}
	shared, err := rundir.ReadResult(dirs[1], configs.StageRetrain)
	if err != nil {
		t.Fatal(err)
	}
	mean := 0.0
	for i, own := range []string{dirs[2], dirs[0]} {
		alone, err := rundir.ReadResult(own, configs.StageRetrain)
		if err != nil {
			t.Fatal(err)
		}
		w := task.Rows[i]
		if w.Budget != shared.Budgets[i].Share || w.Own != alone.Dev || w.Shared != shared.Budgets[i].Dev || w.Seed != 3 {
			t.Errorf("row %d is %+v, its model scored %v, the other %+v", i, w, alone.Dev, shared.Budgets[i])
		}
		mean += (w.Shared - w.Own) / 2
	}
	// A step of both budgets is one of each; the smaller budget's own model has taken less.
	if large, small := task.Rows[0].Training, task.Rows[1].Training; !(1 < large && large < small && small < 5) {
		t.Errorf("the model for both took %v and %v times the training of its own", large, small)
	}
	if math.Abs(task.Pooled.Mean-mean) > 1e-12 || !task.Pooled.Interval.Holds(mean) || math.Abs(r.Pooled.Mean-mean) > 1e-12 {
		t.Errorf("pooled %+v and %+v, want %v", task.Pooled, r.Pooled, mean)
	}
}

// The intervals of two tasks add up as variances: half widths of 3 and 4 points make 2.5 of
// the mean.
func TestMarkdown(t *testing.T) {
	r := Record{Machine: "a processor", Commit: "abc", Tasks: []*Task{
		{Name: "one", Metric: "accuracy", Examples: 400, Rows: []Row{{Seed: 1, Budget: 0.5, Stage1: 0.9, Own: 0.8, Shared: 0.81, Training: 1.75}}},
	}}
	r.Tasks[0].Pooled.Mean = 0.01
	r.Tasks[0].Pooled.Interval.Low, r.Tasks[0].Pooled.Interval.High = -0.02, 0.04
	other := *r.Tasks[0]
	other.Name, other.Pooled.Mean = "two", -0.03
	other.Pooled.Interval.Low, other.Pooled.Interval.High = -0.07, 0.01
	r.Tasks = append(r.Tasks, &other)
	r.pool()
	for _, line := range []string{
		"a processor, commit abc.\n",
		"| one | 1 | 400 | accuracy | 90.00 | 0.5 | 80.00 | 81.00 | +1.00 | 1.75 |\n",
		"\n- two: -3.00 points [-7.00, +1.00] over 1 rows.\n",
		"\nPooled over 2 tasks: -1.00 points [-3.50, +1.50].\n",
	} {
		if got := r.markdown(); !strings.Contains(got, line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
}

// Runs that cannot be held against each other are refused by name.
func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	both := train(t, filepath.Join(dir, "both"), "[0.7,0.4]")
	seven, four := train(t, filepath.Join(dir, "7"), "[0.7]"), train(t, filepath.Join(dir, "4"), "[0.4]")
	other := train(t, filepath.Join(dir, "other"), "[0.4]", "finetune.lr=4e-3")
	none := filepath.Join(dir, "none")
	exptest.Run(t, none)
	for _, c := range []struct {
		dirs []string
		want string
	}{
		{nil, "names no run"},
		{[]string{both, seven}, fmt.Sprintf("%s: no run has its budget 0.4 alone", both)},
		{[]string{both, seven, other}, fmt.Sprintf("%s: no run has its budget 0.4 alone, with the same stage 1", both)},
		{[]string{both, seven, four, other}, fmt.Sprintf("%s: no run has its budget among several", other)},
		{[]string{none}, fmt.Sprintf("%s: has no retrain.budgets", none)},
	} {
		if err := run(t.Context(), append([]string{"-out", dir}, c.dirs...)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.dirs, err, c.want)
		}
	}
}

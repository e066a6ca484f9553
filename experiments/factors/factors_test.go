package main

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/experiments/exptest"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

func TestMain(m *testing.M) { exptest.Main(m) }

// train makes a tiny run of a candidate, called as the factor.
func train(t *testing.T, folder, name, candidate string, overrides ...string) string {
	t.Helper()
	dir := filepath.Join(folder, name)
	exptest.Run(t, dir, append([]string{"compat=", "search.lambda=0", "search.target=0.4", "search.candidates=[" + candidate + "]"}, overrides...)...)
	return dir
}

// A factor is held against the run without it, and the learned list against the one by a rule:
// rows say what the runs recorded.
func TestRecord(t *testing.T) {
	folder := t.TempDir()
	dirs := []string{train(t, folder, "demo-3-geometric-head", "geometric", "retrain.strategy=head"), train(t, folder, "demo-3-geometric", "geometric"),
		train(t, folder, "demo-3-learned", "learned"), train(t, folder, "demo-3-learned-far", "learned", "search.lr_r=0.1")}
	if err := run(t.Context(), append([]string{"-out", folder}, dirs...)); err != nil {
		t.Fatal(err)
	}
	var r Record
	if err := rundir.ReadJSON(filepath.Join(folder, "results.json"), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 3 || len(r.Pooled) != 3 {
		t.Fatalf("%d rows, %d pooled", len(r.Rows), len(r.Pooled))
	}
	for i, want := range []struct {
		candidate, factor string
		without, with     int // of dirs
	}{{"geometric", "head", 1, 0}, {"learned", "searched", 1, 2}, {"learned", "far", 2, 3}} {
		var results []*rundir.Result
		for _, at := range []int{want.without, want.with} {
			result, err := rundir.ReadResult(dirs[at], configs.StageRetrain)
			if err != nil {
				t.Fatal(err)
			}
			results = append(results, result)
		}
		w, a, b := r.Rows[i], results[0], results[1]
		if w.Candidate != want.candidate || w.Factor != want.factor || len(w.Pairs) != 1 || w.Pairs[0] != (Pair{3, a.Dev, b.Dev, a.Chosen, b.Chosen}) {
			t.Errorf("row %d is %+v, of runs that scored %v and %v", i, w, a.Dev, b.Dev)
		}
		if math.Abs(w.Dev.Mean-(b.Dev-a.Dev)) > 1e-12 || math.Abs(w.Chosen.Mean-(b.Chosen-a.Chosen)) > 1e-12 || !w.Dev.Interval.Holds(w.Dev.Mean) || r.Pooled[i].Dev.Mean != w.Dev.Mean {
			t.Errorf("row %d changes by %+v and %+v, pooled %+v", i, w.Dev, w.Chosen, r.Pooled[i])
		}
	}
}

// The mean of two tasks counts each the same; half widths of 3 and 4 points make 2.5.
func TestMarkdown(t *testing.T) {
	of := func(task string, mean, half float64) *Row {
		return &Row{Task: task, Metric: "accuracy", Examples: 400, Candidate: "geometric", Factor: "cls", Pairs: []Pair{{1, 0.8, 0.81, 0, 0}, {2, 0.7, 0.72, 0, 0}},
			Dev: Change{mean, &metric.Interval{Low: mean - half, High: mean + half}}, Chosen: Change{Mean: 0.005}}
	}
	r := Record{Machine: "a processor", Commit: "abc", Rows: []*Row{of("one", 0.015, 0.03), of("two", -0.005, 0.04)}}
	r.pool()
	for _, line := range []string{
		"a processor, commit abc.\n",
		"| geometric | cls | one | 400 | accuracy | 80.0, 70.0 | 81.0, 72.0 | +1.5 [-1.5, +4.5] | +0.5 |\n",
		"\n- geometric, cls: +0.5 [-2.0, +3.0], pooled over 2 tasks.\n",
	} {
		if got := r.markdown(); !strings.Contains(got, line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
}

// Runs that cannot be held against another are refused by name.
func TestRefuses(t *testing.T) {
	folder := t.TempDir()
	alone := train(t, folder, "demo-3-geometric-head", "geometric", "retrain.strategy=head")
	other := train(t, folder, "demo-3-geometric", "geometric", "finetune.lr=4e-3")
	for _, c := range []struct {
		dirs []string
		want string
	}{
		{nil, "names no run"},
		{[]string{alone, other}, alone + ": no run of geometric without a factor has the same stage 1"},
		{[]string{folder}, folder + ": is not called as TASK-SEED-CANDIDATE"},
	} {
		if err := run(t.Context(), append([]string{"-out", folder}, c.dirs...)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.dirs, err, c.want)
		}
	}
}

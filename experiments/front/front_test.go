package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/experiments/exptest"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/retention"
)

func TestMain(m *testing.M) { exptest.Main(m) }

// at is a point of a quality at a number of milliseconds, or so many texts a second.
func at(name string, value, ms, perSecond float64) Point {
	return Point{Model: name, Side: "powerbert", Precision: "int8", Value: value,
		Milliseconds: metric.RangeOf([]float64{ms}), PerSecond: metric.RangeOf([]float64{perSecond})}
}

// A point lies on the front unless another is as good for less, or better for as much;
// which ones do depends on the cost.
func TestBest(t *testing.T) {
	points := []Point{at("good", 0.9, 10, 100), at("dear", 0.9, 11, 120), at("worse", 0.89, 10, 90), at("cheap", 0.7, 1, 110), at("twin", 0.7, 1, 110)}
	for i, want := range []string{"cheap twin good", "dear"} {
		var got []string
		for _, p := range best(points, costs[i]) {
			got = append(got, p.Model)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v are on the front, want %s", costs[i].what, got, want)
		}
	}
}

// The table has every point, and the front by name.
func TestMarkdown(t *testing.T) {
	f := Front{Task: "reviews", Metric: "accuracy", Texts: 5, Rounds: 1, Points: []Point{at("good", 0.912, 10.5, 100), at("cheap", 0.7, 1, 90)}}
	for _, want := range []string{"- good, int8, powerbert: 91.2\n", "| good | int8 | powerbert | 91.2 | 0.0 | 10.50 [10.50–10.50] | 100 [100–100] |"} {
		if !strings.Contains(f.markdown(), want) {
			t.Errorf("no %q in\n%s", want, f.markdown())
		}
	}
}

// The models of a run that keeps its weights are measured in both precisions beside the
// bag, each as good as it was when it was trained.
func TestFrontOfARun(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dir := filepath.Join(t.TempDir(), "run")
	exptest.Copy(t, dir, exptest.Learned...)
	e, err := configs.Load(filepath.Join(dir, "experiment.yaml"), []string{"search.lambda=0", "search.target=0.5"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := pipeline.RetrainCandidate(t.Context(), e, pipeline.Options{Dir: dir}, retention.ListGeometric)
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	if err := run(t.Context(), []string{"-rounds", "1", "-out", out, dir}); err != nil {
		t.Fatal(err)
	}
	var f Front
	if err := rundir.ReadJSON(filepath.Join(out, e.Name, "results.json"), &f); err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range f.Points {
		q := &f.Points[i]
		names = append(names, q.Model+" "+q.Precision)
		if q.Milliseconds.Median <= 0 || q.PerSecond.Median <= 0 || q.Bytes == 0 {
			t.Errorf("%s: %+v", q.name(), q)
		}
		if q.Model == "geometric at 0.5" && q.Precision == "float32" && q.Value != p.Dev {
			t.Errorf("%s reaches %v, %v when it was trained", q.name(), q.Value, p.Dev)
		}
	}
	want := []string{"dense float32", "dense int8", "geometric at 0.5 float32", "geometric at 0.5 int8"}
	if len(names) != 5 || !strings.HasPrefix(names[0], "bag of up to ") || !slices.Equal(names[1:], want) {
		t.Errorf("points of %q, want a bag and %q", names, want)
	}
	checkPicture(t, filepath.Join(out, e.Name), f.Points)
	if err := model.RemoveWeights(p.Dir); err != nil {
		t.Fatal(err)
	}
	if got := models(dir); len(got) != 1 || got[0].name != "dense" {
		t.Errorf("models %v, want that one without weights is left out", got)
	}
}

// checkPicture wants a picture that names what is best, and the same one and the same table
// from the results alone.
func checkPicture(t *testing.T, folder string, points []Point) {
	t.Helper()
	picture, table := filepath.Join(folder, "front.svg"), filepath.Join(folder, "results.md")
	drawn, told := read(t, picture), read(t, table)
	for _, c := range costs {
		for _, q := range best(points, c) {
			if !strings.Contains(drawn, ">"+q.Model) || !strings.Contains(drawn, c.what) {
				t.Errorf("the picture does not name %s, %s", q.Model, c.what)
			}
		}
	}
	for _, name := range []string{picture, table} {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(t.Context(), []string{"-redraw", folder}); err != nil {
		t.Fatal(err)
	}
	if read(t, picture) != drawn || read(t, table) != told {
		t.Error("drawn again, the picture or the table is another")
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestArguments(t *testing.T) {
	for _, args := range [][]string{{}, {"a", "b"}, {"-rounds", "0", "a"}} {
		if err := run(t.Context(), args); err == nil || !strings.HasPrefix(err.Error(), "want one run directory") {
			t.Errorf("%q: %v", args, err)
		}
	}
}

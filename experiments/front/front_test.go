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

// The corners are those of the best dense model and of the best list, or student, and those
// of the record stand in the page.
func TestCorners(t *testing.T) {
	f := Front{Points: []Point{at("dense", 0.8, 2, 500), at("dense, longer", 0.9, 2, 510), at("learned at 0.5", 0.85, 1, 900), at("geometric at 0.5", 0.8, 1, 800), at("distilbert-3", 0.9, 1, 950)}}
	for _, p := range f.Points {
		p.Precision, p.Value = "float32", p.Value+0.01
		f.Points = append(f.Points, p)
	}
	text, err := f.corners()
	want := "| dense, longer | float32 | 91.0 | 0.0 | 2.00 | 510 |\n| dense, longer | int8 | 90.0 | 0.0 | 2.00 | 510 |\n| learned at 0.5 | float32 | 86.0 | 0.0 | 1.00 | 900 |\n| learned at 0.5 | int8 | 85.0 |"
	if err != nil || !strings.Contains(text, want) {
		t.Errorf("%v, no %s in\n%s", err, want, text)
	}
	lists := func(p Point) bool { return strings.HasSuffix(p.Model, "at 0.5") }
	f.Points = slices.DeleteFunc(f.Points, lists)
	if text, err := f.corners(); err != nil || !strings.Contains(text, "| distilbert-3 | float32 | 91.0 |") {
		t.Errorf("without a list (%v):\n%s", err, text)
	}
	f.Points = f.Points[:2]
	if _, err := f.corners(); err == nil || err.Error() != `has no model "" of ours in float32, which is a corner` {
		t.Errorf("error %v", err)
	}
	page := filepath.Join(t.TempDir(), "int8.md")
	there := filepath.Join("..", "..", "docs", "int8.md")
	content, err := os.ReadFile(there)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(page, content, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"-page", page, "sst2-unlabelled"}); err != nil {
		t.Fatal(err)
	}
	if filled, err := os.ReadFile(page); err != nil || string(filled) != string(content) {
		t.Errorf("%s is not as `go run ./experiments/front -page docs/int8.md experiments/front/sst2-unlabelled` leaves it (%v)", there, err)
	}
}

// The peers of the environment that oracles have say in float32 what ours does, from texts;
// what they lack is left out.
func TestOracleFront(t *testing.T) {
	python := os.Getenv("POWERBERT_RUNTIMES")
	if python == "" {
		t.Skip("POWERBERT_RUNTIMES names no interpreter; see internal/oracles")
	}
	dir := filepath.Join(t.TempDir(), "run")
	exptest.Copy(t, dir, exptest.Learned...)
	out := t.TempDir()
	t.Chdir(filepath.Join("..", ".."))
	if err := run(t.Context(), []string{"-rounds", "1", "-python", python, "-out", out, dir}); err != nil {
		t.Fatal(err)
	}
	records, err := filepath.Glob(filepath.Join(out, "*", "results.json"))
	if err != nil || len(records) != 1 {
		t.Fatalf("%q (%v)", records, err)
	}
	var f Front
	if err := rundir.ReadJSON(records[0], &f); err != nil {
		t.Fatal(err)
	}
	said := map[string]float64{}
	for i := range f.Points {
		said[f.Points[i].name()] = f.Points[i].Value
	}
	for _, program := range []string{"onnxruntime", "openvino"} {
		if value, ok := said["dense, float32, "+program]; !ok || value != said["dense, float32, powerbert"] {
			t.Errorf("%s reaches %v, ours %v", program, value, said["dense, float32, powerbert"])
		}
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

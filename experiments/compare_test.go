package experiments

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// made writes a run directory of the demo recipe with settings, and results of its
// stages by name.
func made(t *testing.T, results map[string]rundir.Result, set ...string) string {
	t.Helper()
	e, err := configs.Load("demo", set)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "experiment.yaml"), e.YAML())
	for name, r := range results {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name, "result.json"), text)
	}
	return dir
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// whole is the results of a run with metrics and multiply-adds.
func whole(bert, power, macs float64) map[string]rundir.Result {
	return map[string]rundir.Result{
		configs.StageFinetune: {Metric: "accuracy", Dev: bert, MACs: rundir.MACs{Real: 60, Padded: 240}},
		configs.StageSearch:   {},
		configs.StageRetrain:  {Metric: "accuracy", Dev: power, MACs: rundir.MACs{Real: macs, Padded: 2 * macs}},
	}
}

func TestCompareGroupsRunsThatDifferInSeedOrWorkers(t *testing.T) {
	dirs := []string{
		made(t, whole(0.90, 0.80, 20), "seed=1"),
		made(t, whole(0.91, 0.70, 30), "search.lambda=3e-3", "seed=1"),
		made(t, whole(0.92, 0.84, 10), "seed=2", "workers=7", "name=other", "distil.epochs=9"),
		made(t, map[string]rundir.Result{configs.StageFinetune: {}}, "retrain.epochs=77"),
	}
	c, err := Compare(dirs)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"search.lambda", "retrain.epochs"}; !reflect.DeepEqual(c.Keys, want) {
		t.Errorf("the runs differ in %q, want %q", c.Keys, want)
	}
	if len(c.Groups) != 2 || len(c.Groups[0].Runs) != 2 || c.Groups[0].Runs[1].Dir != dirs[2] || c.Groups[1].Settings["search.lambda"] != 3e-3 {
		t.Fatalf("groups %+v", c.Groups)
	}
	g := c.Groups[0]
	near(t, "PoWER", g.PoWER, metric.Spread{Mean: 0.82, SD: 0.04 / math.Sqrt2, Min: 0.80, Max: 0.84, N: 2})
	near(t, "fewer", g.Fewer, metric.Spread{Mean: 4.5, SD: 3 / math.Sqrt2, Min: 3, Max: 6, N: 2})
	near(t, "both padded", g.FewerPadded, metric.Spread{Mean: 9, SD: 6 / math.Sqrt2, Min: 6, Max: 12, N: 2})
	near(t, "alone", c.Groups[1].BERT, metric.Spread{Mean: 0.91, Min: 0.91, Max: 0.91, N: 1})
	if len(c.Incomplete) != 1 || c.Incomplete[0].Lacks != configs.StageSearch || c.Incomplete[0].Settings["retrain.epochs"] != 77 {
		t.Errorf("incomplete %+v", c.Incomplete)
	}
}

// A run that repeats another's draws does not count as a further seed, and a dry run as
// no result at all.
func TestCompareCountsDrawsOnce(t *testing.T) {
	dry := whole(0.5, 0.5, 20)
	dry[configs.StageRetrain] = rundir.Result{MaxSteps: 3}
	dirs := []string{
		made(t, whole(0.90, 0.80, 20), "seed=1", "workers=2"), made(t, whole(0.92, 0.84, 10), "seed=2", "workers=2"),
		made(t, whole(0.90, 0.80, 20), "seed=1", "workers=2"), made(t, dry, "seed=3", "workers=2"),
	}
	c, err := Compare(dirs)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Groups) != 2 || len(c.Groups[0].Runs) != 2 || len(c.Groups[1].Runs) != 1 || c.Groups[1].Runs[0].Dir != dirs[2] {
		t.Errorf("groups %+v", c.Groups)
	}
	if len(c.Incomplete) != 1 || c.Incomplete[0].Dir != dirs[3] || c.Incomplete[0].Missing() != "all but a dry run" {
		t.Errorf("incomplete %+v", c.Incomplete)
	}
}

func near(t *testing.T, name string, got, want metric.Spread) {
	t.Helper()
	for _, pair := range [][2]float64{{got.Mean, want.Mean}, {got.SD, want.SD}, {got.Min, want.Min}, {got.Max, want.Max}} {
		if math.Abs(pair[0]-pair[1]) > 1e-9 || got.N != want.N {
			t.Errorf("%s: %s, want %s", name, fmt.Sprint(got), fmt.Sprint(want))
			return
		}
	}
}

// A result that cannot be read is an error, not an incomplete run.
func TestCompareOfABrokenRun(t *testing.T) {
	dir := made(t, whole(0.9, 0.8, 20))
	write(t, filepath.Join(dir, "retrain/result.json"), []byte("{"))
	if c, err := Compare([]string{dir}); err == nil {
		t.Errorf("a broken run is compared: %+v", c)
	}
}

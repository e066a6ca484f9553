package compare

import (
	"encoding/json"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/experiments/exptest"
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
	exptest.Write(t, filepath.Join(dir, "experiment.yaml"), string(e.YAML()))
	for name, r := range results {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		exptest.Write(t, filepath.Join(dir, name, "result.json"), string(text))
	}
	return dir
}

// whole is the results of a run with metrics and multiply-adds.
func whole(bert, power, macs float64) map[string]rundir.Result {
	return map[string]rundir.Result{
		configs.StageFinetune: {Metric: "accuracy", Dev: bert, MACs: rundir.MACs{Real: 60, Padded: 240}},
		configs.StageSearch:   {},
		configs.StageRetrain:  {Metric: "accuracy", Dev: power, MACs: rundir.MACs{Real: macs, Padded: 2 * macs}},
	}
}

func TestRunsThatDifferInSeedOrWorkersAreAGroup(t *testing.T) {
	dirs := []string{
		made(t, whole(0.90, 0.80, 20), "seed=1"),
		made(t, whole(0.91, 0.70, 30), "search.lambda=3e-3", "seed=1"),
		made(t, whole(0.92, 0.84, 10), "seed=2", "workers=7", "name=other", "distil.epochs=9"),
		made(t, map[string]rundir.Result{configs.StageFinetune: {}}, "retrain.epochs=77"),
	}
	c, err := Runs(dirs)
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
	exptest.Near(t, "PoWER", g.PoWER, metric.Spread{Mean: 0.82, SD: 0.04 / math.Sqrt2, Min: 0.80, Max: 0.84, N: 2})
	exptest.Near(t, "fewer", g.Fewer, metric.Spread{Mean: 4.5, SD: 3 / math.Sqrt2, Min: 3, Max: 6, N: 2})
	exptest.Near(t, "both padded", g.FewerPadded, metric.Spread{Mean: 9, SD: 6 / math.Sqrt2, Min: 6, Max: 12, N: 2})
	exptest.Near(t, "alone", c.Groups[1].BERT, metric.Spread{Mean: 0.91, Min: 0.91, Max: 0.91, N: 1})
	want := "search.lambda|retrain.epochs|seed|n|metric|BERT|PoWER|multiply-adds|padded|fewer|both padded|runs\n" +
		"0.001|2|1 2|2|accuracy|0.9100 ± 0.0141 [0.9000–0.9200]|0.8200 ± 0.0283 [0.8000–0.8400]|0.0 M|0.0 M|4.50× [3.00–6.00]|9.00× [6.00–12.00]|" + dirs[0] + " " + dirs[2] + "\n" +
		"0.003|2|1|1|accuracy|0.9100|0.7000|0.0 M|0.0 M|2.00×|4.00×|" + dirs[1]
	if got := joined(c.Rows()); got != want {
		t.Errorf("rows\n%s\nwant\n%s", got, want)
	}
	if got, want := joined(c.IncompleteRows()), "search.lambda|retrain.epochs|seed|not complete: lacks|run\n0.001|77|1|search|"+dirs[3]; got != want {
		t.Errorf("incomplete\n%s\nwant\n%s", got, want)
	}
	if len(c.Incomplete) != 1 || c.Incomplete[0].Lacks != configs.StageSearch || c.Incomplete[0].Settings["retrain.epochs"] != 77 {
		t.Errorf("incomplete %+v", c.Incomplete)
	}
}

// Folds are a group of their own, apart from runs scored on a dev set and from folds of
// another number; a list of columns is one cell.
func TestFoldsAndDevSetsShareNoRow(t *testing.T) {
	table := []string{"data.task=table", "data.train=a.csv", "data.text=[text]", "tokenizer.vocab=v"}
	labels := slices.Clip(append(slices.Clone(table), "data.label=[car, food]"))
	dirs := []string{
		made(t, whole(0.90, 0.80, 20), append(labels, "data.fold=1/3")...), made(t, whole(0.92, 0.84, 10), append(labels, "data.fold=3/3")...),
		made(t, whole(0.94, 0.84, 10), append(labels, "data.fold=")...), made(t, whole(0.94, 0.84, 10), append(labels, "data.fold=3/4")...),
		made(t, whole(0.94, 0.84, 10), append(table, "data.label=car", "data.metric=micro_f1", "data.label_separator=;")...),
	}
	c, err := Runs(dirs)
	if err != nil {
		t.Fatal(err)
	}
	var cells []string
	for _, row := range c.Rows() {
		fold, label := slices.Index(c.Keys, "data.fold"), slices.Index(c.Keys, "data.label")
		if fold < 0 || label < 0 {
			t.Fatalf("the runs differ in %q, want data.fold and data.label, too", c.Keys)
		}
		cells = append(cells, row[label]+"|"+row[fold]+"|"+row[len(c.Keys)+1])
	}
	want := []string{"data.label|data.fold|n", "[car food]|3 folds|2", "[car food]||1", "[car food]|4 folds|1", "car||1"}
	if !slices.Equal(cells, want) {
		t.Errorf("rows %q, want %q", cells, want)
	}
}

// joined is rows as text.
func joined(rows [][]string) string {
	var lines []string
	for _, row := range rows {
		lines = append(lines, strings.Join(row, "|"))
	}
	return strings.Join(lines, "\n")
}

// A run that repeats another's draws does not count as a further seed, and a dry run as
// no result at all.
func TestDrawsCountOnce(t *testing.T) {
	dry := whole(0.5, 0.5, 20)
	dry[configs.StageRetrain] = rundir.Result{MaxSteps: 3}
	dirs := []string{
		made(t, whole(0.90, 0.80, 20), "seed=1", "workers=2"), made(t, whole(0.92, 0.84, 10), "seed=2", "workers=2"),
		made(t, whole(0.90, 0.80, 20), "seed=1", "workers=2"), made(t, dry, "seed=3", "workers=2"),
	}
	c, err := Runs(dirs)
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

// A result that cannot be read is an error, not an incomplete run.
func TestABrokenRunIsAnError(t *testing.T) {
	dir := made(t, whole(0.9, 0.8, 20))
	exptest.Write(t, filepath.Join(dir, "retrain/result.json"), "{")
	if c, err := Runs([]string{dir}); err == nil {
		t.Errorf("a broken run is compared: %+v", c)
	}
}

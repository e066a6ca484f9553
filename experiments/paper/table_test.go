package paper

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/experiments/exptest"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// table makes table 1 in a folder of its own.
func table(t *testing.T, number string, o Options) (*Table, *Figure) {
	t.Helper()
	o.Budget = time.Millisecond
	f, err := MakeFigure(t.Context(), "table"+number, t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	return f.Result.(*Table), f
}

// Seeds share a row, whose figures are those that the stages found out.
func TestTableAgreesWithTheStages(t *testing.T) {
	other := t.TempDir()
	exptest.Run(t, other, "seed=4", "retrain.retention=[9, 7, 1]")
	again := t.TempDir()
	exptest.Run(t, again, "seed=5", "retrain.retention=[9, 7, 1]")
	tab, f := table(t, "1", Options{Runs: []string{other, figured(t), again}})
	if len(tab.Rows) != 2 || !reflect.DeepEqual(tab.Rows[0].Seeds, []int{4, 5}) || !reflect.DeepEqual(tab.Rows[1].Runs, []string{figured(t)}) {
		t.Fatalf("rows %+v, want one of two seeds and one of one", tab.Rows)
	}
	row := tab.Rows[0]
	var bert, power, fewer, padded []float64
	for _, dir := range []string{other, again} {
		first, err := rundir.ReadResult(dir, configs.StageFinetune)
		if err != nil {
			t.Fatal(err)
		}
		last, err := rundir.ReadResult(dir, configs.StageRetrain)
		if err != nil {
			t.Fatal(err)
		}
		bert, power = append(bert, first.Dev), append(power, last.Dev)
		fewer, padded = append(fewer, first.MACs.Real/last.MACs.Real), append(padded, first.MACs.Padded/last.MACs.Padded)
	}
	exptest.Near(t, "BERT", row.BERT, metric.SpreadOf(bert))
	exptest.Near(t, "PoWER", row.PoWER, metric.SpreadOf(power))
	exptest.Near(t, "fewer, unpadded", row.Unpadded.Fewer, metric.SpreadOf(fewer))
	exptest.Near(t, "fewer, padded", row.Padded.Fewer, metric.SpreadOf(padded))
	if row.Task != "demo" || row.Classes != 2 || row.MaxLength != 40 || row.Train != 60 || row.Dev != 45 || row.Published != nil || row.Lacks != "" {
		t.Errorf("row %+v", row)
	}
	for _, s := range []Saved{row.Padded, row.Unpadded, tab.Rows[1].Padded} {
		if !(s.BERTMS.Min > 0 && s.PoWERMS.Min > 0 && s.Faster.Min > 0) || s.Faster.N == 1 && math.Abs(s.Faster.Mean-s.BERTMS.Mean/s.PoWERMS.Mean) > 1e-9 {
			t.Errorf("times %+v", s)
		}
	}
	if timing := row.Timing; len(timing) != 2 || timing[1].Batch != 128 || timing[1].Examples != 45 {
		t.Errorf("timed by %+v, want the whole dev set of 45, which is less than a batch of 128", timing)
	}
	var text strings.Builder
	if err := f.WriteText(&text); err != nil || !strings.Contains(text.String(), " ± ") || strings.Contains(text.String(), "not measured") {
		t.Errorf("as text (%v):\n%s", err, &text)
	}
}

// A row without a signal is marked.
func TestTableMarksRowsWithoutSignal(t *testing.T) {
	row := func(bert, majority float64) TaskRow {
		one := metric.Spread{Mean: bert, N: 1}
		return TaskRow{Name: "x", Outcome: &Outcome{BERT: one, PoWER: one, Majority: majority, Signal: bert > majority,
			Padded: Saved{Fewer: one}, Unpadded: Saved{Fewer: one}}}
	}
	rows := (&Table{Number: 1, Rows: []TaskRow{row(0.5, 0.5), row(0.6, 0.5)}}).scoreRows()[2:]
	if last := rows[0][len(rows[0])-1]; last != "without signal" {
		t.Errorf("a row that equals the majority class ends in %q", last)
	}
	if last := rows[1][len(rows[1])-1]; last == "without signal" {
		t.Errorf("a row that beats the majority class is marked")
	}
}

// onlyRTE leaves the recipes a tiny RTE, as it is distributed, an empty folder to work
// in, and a model.
func onlyRTE(t *testing.T, model string) {
	t.Helper()
	folder := t.TempDir()
	t.Chdir(t.TempDir())
	t.Setenv("POWERBERT_DATA", folder)
	t.Setenv("POWERBERT_MODEL", model)
	dir := filepath.Join(folder, "data/glue/RTE")
	header, row := "index\tsentence1\tsentence2\tlabel\n", "1\ta b\tc\tentailment\n"
	exptest.Write(t, filepath.Join(dir, "train.tsv"), header+row+"2\ta\tb\tnot_entailment\n"+row)
	exptest.Write(t, filepath.Join(dir, "dev.tsv"), header+row)
}

// Without a CONFIG the table is of all recipes: the data that are there, and what is
// to be done about the others.
func TestTableOfAllRecipes(t *testing.T) {
	onlyRTE(t, "")
	tab, f := table(t, "1", Options{})
	if len(tab.Rows) != 1 {
		t.Fatalf("rows %+v, want RTE's", tab.Rows)
	}
	row := tab.Rows[0]
	if row.Task != data.TaskRTE || row.Train != 3 || row.Dev != 1 || row.Classes != 2 || row.PublishedLength != 256 || row.Published.Faster != 3.4 ||
		row.Lacks != "`train run rte` makes it" || row.Outcome != nil {
		t.Errorf("row %+v", row)
	}
	var text strings.Builder
	if err := f.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"rte: `train run rte` makes it", "cola-base, imdb-base, mnli-m-base", "model names $POWERBERT_MODEL", "SST-2/train.tsv"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("as text, without %q:\n%s", want, &text)
		}
	}
	if strings.Contains(text.String(), "demo") || strings.Contains(text.String(), "sst2-albert") {
		t.Errorf("table 1 tells of recipes that are not of it:\n%s", &text)
	}
	_, err := MakeFigure(t.Context(), "table2", t.TempDir(), Options{})
	var state *rundir.StateError
	if !errors.As(err, &state) || !strings.Contains(err.Error(), "no data of any task of table 2 here") {
		t.Errorf("table 2 without data: %v", err)
	}
}

// A run that is not complete, and one of the other table, stand among what is not
// measured; a CONFIG stands for its run directory.
func TestTableSaysWhatIsNotMeasured(t *testing.T) {
	t.Chdir(t.TempDir())
	exptest.Write(t, "mine.yaml", "data: {task: demo}\n")
	exptest.Copy(t, "runs/mine")
	if err := os.RemoveAll("runs/mine/retrain"); err != nil {
		t.Fatal(err)
	}
	tab, _ := table(t, "1", Options{Configs: []string{"mine.yaml"}})
	if want := "not complete: lacks retrain; `train run runs/mine/experiment.yaml --out runs/mine` goes on"; len(tab.Rows) != 1 || tab.Rows[0].Lacks != want {
		t.Errorf("rows %+v, want one that lacks %q", tab.Rows, want)
	}
	tab, f := table(t, "2", Options{Runs: []string{figured(t)}})
	if len(tab.Rows) != 1 || tab.Rows[0].Outcome != nil || !strings.Contains(tab.Rows[0].Lacks, "of the kind bert") {
		t.Errorf("table 2 of a BERT: %+v", tab.Rows)
	}
	if f.Subject != nil || f.Differs != "nothing is measured yet" {
		t.Errorf("figure %+v", f)
	}
	if _, err := MakeFigure(t.Context(), "table1", t.TempDir(), Options{Configs: []string{"nowhere.yaml"}}); err == nil {
		t.Error("a CONFIG that is not there is passed over")
	}
}

// A published bar does not stand alone: where ours are not measured, that is said.
func TestPublishedBarsAreNotAlone(t *testing.T) {
	faster := Saved{Faster: metric.Spread{Mean: 2, N: 1}}
	rows := []TaskRow{{Name: "a", Published: &tableRow{Faster: 3}, Outcome: &Outcome{Padded: faster, Unpadded: faster}}, {Name: "b", Published: &tableRow{Faster: 3}}}
	if n := strings.Count(picture(t, &Table{Number: 1, Rows: rows}), "not measured"); n != 1 {
		t.Errorf("%d rows of one are said not to be measured", n)
	}
}

// mnli writes a tiny MNLI as it is distributed, and a vocabulary; its dev sets differ in
// labels and lengths.
func mnli(t *testing.T, dir string) {
	t.Helper()
	row := func(first, second, label string, n int) string {
		return strings.Repeat(first+"\t"+second+"\t"+label+"\n", n)
	}
	header := "sentence1\tsentence2\tgold_label\n"
	exptest.Write(t, filepath.Join(dir, "train.tsv"), header+row("a film", "the cast", "entailment", 200)+row("a", "terrible", "neutral", 100)+row("we", "loved it", "contradiction", 100))
	exptest.Write(t, filepath.Join(dir, "dev_matched.tsv"), header+row("a film", "the cast", "entailment", 6)+row("a", "terrible", "neutral", 3))
	exptest.Write(t, filepath.Join(dir, "dev_mismatched.tsv"), header+row("the film the cast a film", "the cast", "entailment", 2)+row("a film", "the cast", "neutral", 3)+row("a", "terrible", "neutral", 1))
	exptest.Write(t, filepath.Join(dir, "vocab.txt"), strings.Join(data.DemoVocabulary(), "\n"))
}

// A training of MNLI fills the rows of both dev sets, and says of either what a training
// that is scored by that one says: here the same, for a single epoch is not chosen.
func TestTableOfBothDevSets(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dir := t.TempDir()
	mnli(t, dir)
	t.Chdir(t.TempDir())
	for _, task := range []string{"mnli-m", "mnli-mm"} {
		exptest.Run(t, task, "name=by-"+task, "data.task="+task, "data.dir="+dir, "data.metric=accuracy", "tokenizer.vocab="+filepath.Join(dir, "vocab.txt"),
			"finetune.epochs=1", "finetune.lr=1e-2", "retrain.lr=0.5", "retrain.retention=[2, 1, 1]") // stage 1 learns, and stage 3 unlearns
	}
	tab, f := table(t, "1", Options{Runs: []string{"mnli-m", "mnli-mm"}})
	names := each(tab.Rows, func(r TaskRow) string { return r.Task + ": " + r.Name })
	if want := []string{"mnli-m: by-mnli-m", "mnli-m: by-mnli-mm on mnli-m", "mnli-mm: by-mnli-m on mnli-mm", "mnli-mm: by-mnli-mm"}; !reflect.DeepEqual(names, want) {
		t.Fatalf("rows %q, want %q", names, want)
	}
	for i, dev := range []int{9, 9, 6, 6} {
		r, want := tab.Rows[i], tab.Rows[i/2*3] // its own run's
		exptest.Near(t, r.Name+", BERT", r.BERT, want.BERT)
		exptest.Near(t, r.Name+", PoWER", r.PoWER, want.PoWER)
		exptest.Near(t, r.Name+", fewer, padded", r.Padded.Fewer, want.Padded.Fewer)
		exptest.Near(t, r.Name+", fewer, unpadded", r.Unpadded.Fewer, want.Unpadded.Fewer)
		if r.Dev != dev || r.Timing[0].Examples != dev || r.Length != want.Length || r.Majority != want.Majority || *r.Published != table1[r.Task] {
			t.Errorf("%s: %+v %+v, want %d examples and else %+v %+v", r.Name, r, r.Outcome, dev, want, want.Outcome)
		}
	}
	if m, mm := tab.Rows[0], tab.Rows[2]; m.BERT == mm.BERT || m.PoWER == m.BERT || mm.PoWER == mm.BERT || m.Unpadded.Fewer == mm.Unpadded.Fewer || m.Length == mm.Length || m.Majority == mm.Majority {
		t.Errorf("the dev sets cannot be told apart: %+v and %+v", m.Outcome, mm.Outcome)
	}
	var text strings.Builder
	if err := f.WriteText(&text); err != nil || !strings.Contains(text.String(), "A on B: ") {
		t.Errorf("as text (%v):\n%s", err, &text)
	}
}

// A recipe whose model is an ALBERT is of table 2: by the directory that it names,
// and once it has run by what it ran with.
func TestTableOfAnALBERT(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	onlyRTE(t, "albert/finetune")
	exptest.Run(t, "albert", "encoder.type=albert", "encoder.embedding=8")
	lacks := func(number string) string {
		tab, _ := table(t, number, Options{})
		return strings.Join(each(tab.Rows, func(r TaskRow) string { return r.Lacks }), "; ")
	}
	if got := lacks("1"); got != "`train run rte` makes it" {
		t.Errorf("table 1 of a BERT's recipe and an ALBERT's lacks %q", got)
	}
	if got := lacks("2"); got != "`train run rte-base` makes it" {
		t.Errorf("table 2 of a BERT's recipe and an ALBERT's lacks %q", got)
	}

	e, err := configs.Load("rte-base", []string{"workers=1", "data.max_length=20"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pipeline.Run(t.Context(), e, pipeline.Options{Dir: "runs/rte-base"}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("POWERBERT_MODEL", "google-bert/bert-base-uncased")
	tab, f := table(t, "2", Options{})
	if len(tab.Rows) != 1 || tab.Rows[0].Outcome == nil || !strings.HasPrefix(tab.Rows[0].Model, "albert, 3 encoders") || *tab.Rows[0].Published != table2["rte"] {
		t.Fatalf("rows %+v, want the one of the run", tab.Rows)
	}
	paths, err := f.Save()
	if err != nil {
		t.Fatal(err)
	}
	saved, err := os.ReadFile(paths[0])
	if err != nil || filepath.Base(paths[0]) != "table2.json" || !strings.Contains(string(saved), `"power": 64.6`) || !strings.Contains(string(saved), `"model": "albert, 3 encoders`) {
		t.Errorf("saved at %q (%v):\n%s", paths, err, saved)
	}
	var text strings.Builder
	if err := f.WriteText(&text); err != nil || !strings.Contains(text.String(), " 65.6 ") || !strings.Contains(text.String(), " 64.6 ") {
		t.Errorf("as text (%v):\n%s", err, &text)
	}
	if got := lacks("1"); got != "`train run rte` makes it" {
		t.Errorf("table 1 beside an ALBERT's run lacks %q", got)
	}
}

func TestTableFollowsThePaper(t *testing.T) {
	tab := &Table{Number: 1}
	for _, task := range []string{"demo", "race", "cola", "sst2"} {
		tab.Rows = append(tab.Rows, TaskRow{Name: task, Task: task})
	}
	tab.sort()
	if got := each(tab.Rows, func(r TaskRow) string { return r.Task }); !reflect.DeepEqual(got, []string{"cola", "sst2", "race", "demo"}) {
		t.Errorf("tasks in the order %q", got)
	}
	for _, task := range publishedTasks {
		if _, ok := table1[task]; !ok || publishedLength[task] == 0 {
			t.Errorf("%s has no row or no N", task)
		}
	}
	if len(publishedTasks) != len(table1) || publishedBatch("race") != 64 || publishedBatch("cola") != 128 {
		t.Errorf("%d tasks, want %d", len(publishedTasks), len(table1))
	}
}

// Outcomes of one name say in what they differ.
func TestTableNamesRowsApart(t *testing.T) {
	row := func(name, task string, lambda any, runs ...string) TaskRow {
		return TaskRow{Name: name, Task: task, Outcome: &Outcome{Runs: runs}, settings: map[string]any{"search.lambda": lambda, "data.task": task}}
	}
	table := &Table{Rows: []TaskRow{row("a", "cola", 1e-3), row("a", "rte", 1e-3), row("b", "cola", 1e-3), row("b", "cola", 0.1),
		row("c", "cola", 1e-3, "runs/one"), row("c", "cola", 1e-3, "runs/two"), row("d", "cola", 1e-3), {Name: "d", Task: "cola", Lacks: "retrain"}}}
	table.nameApart()
	names := each(table.Rows, func(r TaskRow) string { return r.Name })
	want := []string{"a (cola)", "a (rte)", "b (search.lambda 0.001)", "b (search.lambda 0.1)", "c (runs/one)", "c (runs/two)", "d", "d"}
	if !reflect.DeepEqual(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
}

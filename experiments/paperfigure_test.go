package experiments

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/retention"
)

// learned makes a tiny run that has learned its labels to some degree.
var learned = []string{"encoder.layers=4", "data.demo.train=400", "finetune.epochs=6", "finetune.lr=5e-3"}

// figured is the directory of a tiny run that figures are made from, made once.
var figured = sync.OnceValue(func() string {
	dir := filepath.Join(scratch, "run")
	tinyRun(&always{}, dir, learned...)
	return dir
})

// scratch is a folder that outlives one test.
var scratch string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "experiments")
	if err != nil {
		panic(err)
	}
	scratch = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// figure makes a figure of the tiny run.
func figure(t *testing.T, name string) *Figure {
	t.Helper()
	dir, o := subject(t, name)
	f, err := MakeFigure(t.Context(), name, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// subject is the tiny run as a figure wants it: as its directory, or among those of a
// table.
func subject(t *testing.T, name string) (dir string, o FigureOptions) {
	o = FigureOptions{Command: "train experiment", Program: "train of a test", Budget: time.Millisecond, Scales: []float64{0.5}}
	if strings.HasPrefix(name, "table") {
		o.Runs = []string{figured()}
		return t.TempDir(), o
	}
	return figured(), o
}

// stage1 is the run of figure.
func stage1(t *testing.T) *run {
	t.Helper()
	r, err := openFinetuned(figured())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFiguresAreSaved(t *testing.T) {
	for _, name := range Figures() {
		f := figure(t, name)
		paths, err := f.Save()
		if err != nil || len(paths) != 3 || filepath.Base(paths[0]) != name+".json" {
			t.Fatalf("%s: paths %v, error %v", name, paths, err)
		}
		var files [3][]byte
		for i, path := range paths {
			if files[i], err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
		}
		var read struct {
			Experiment, Command, Program, Processor, Model, Differs string
			Seed, Examples                                          int
			Result                                                  map[string]any
		}
		if err := json.Unmarshal(files[0], &read); err != nil || read.Experiment != name || read.Program != "train of a test" ||
			read.Processor == "" || len(read.Result) == 0 || name != "table2" && !strings.Contains(read.Differs, "4 encoders of width 16") {
			t.Errorf("%s.json holds %+v (%v)", name, read, err)
		}
		if f.Subject != nil && (read.Seed != 3 || read.Examples != 45) {
			t.Errorf("%s.json is of %+v", name, read)
		}
		if err := wellFormed(files[1]); err != nil {
			t.Errorf("%s.svg: %v", name, err)
		}
		if _, err := png.Decode(bytes.NewReader(files[2])); err != nil {
			t.Errorf("%s.png: %v", name, err)
		}
		var text strings.Builder
		if err := f.WriteText(&text); err != nil || !strings.Contains(text.String(), "- published: ") || !strings.Contains(text.String(), "- differs: ") {
			t.Errorf("%s as text (%v):\n%s", name, err, &text)
		}
	}
}

func wellFormed(text []byte) error {
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		if _, err := d.Token(); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
	}
}

// Pair by pair, on what the model shows of each example alone.
func TestCosineIsOfAllPairs(t *testing.T) {
	r, c := stage1(t), figure(t, "cosine").Result.(*Cosine)
	width := r.dense.Config.HiddenSize
	want := make([]float64, 4)
	for i := range r.dev {
		err := r.dense.WordVectors(t.Context(), r.dev[i:i+1], func(j int, x []float32) {
			sum, pairs := 0.0, 0
			for a := 0; a < len(x); a += width {
				for b := 0; b < a; b += width {
					var ab, aa, bb float64
					for k := range width {
						va, vb := float64(x[a+k]), float64(x[b+k])
						ab, aa, bb = ab+va*vb, aa+va*va, bb+vb*vb
					}
					sum, pairs = sum+ab/math.Sqrt(aa*bb), pairs+1
				}
			}
			want[j] += sum / float64(pairs) / float64(len(r.dev))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for j, s := range c.Encoders {
		if math.Abs(s.Mean-want[j]) > 1e-5 || !(s.Deviation > 0 && s.Deviation < 1) {
			t.Errorf("encoder %d: similarity %+v, want the mean %v", j+1, s, want[j])
		}
	}
	if len(c.Encoders) != 4 {
		t.Errorf("%d encoders, want 4", len(c.Encoders))
	}
}

func TestMutualInformationCountsWhatChanges(t *testing.T) {
	r, m := stage1(t), figure(t, "mutual-information").Result.(*MutualInformation)
	if !reflect.DeepEqual(m.Encoders, []int{1, 3}) || !(m.Entropy > 0.5) {
		t.Fatalf("encoders %v, entropy %v; want encoders 1 and 3 of 4, and about ln 2", m.Encoders, m.Entropy)
	}
	if first := m.Ranks[0]; first.Rank != 1 || first.Examples != 45 || first.Entropy != m.Entropy {
		t.Errorf("the first rank is %+v, want all 45 examples", first)
	}
	if last := m.Ranks[len(m.Ranks)-1]; last.Rank != middle(r.dev) || 2*last.Examples < 45 {
		t.Errorf("the last rank is %+v, want %d, which half of the examples have", last, middle(r.dev))
	}
	total := 0
	for _, at := range m.Ranks {
		total += at.Changed[1]
		model, err := r.dense.Without(3, at.Rank)
		if err != nil {
			t.Fatal(err)
		}
		var x, y []int
		changed := 0
		for i := range r.dev {
			if len(r.dev[i].IDs) <= at.Rank {
				continue
			}
			before, err := r.dense.Predict(r.dev[i : i+1])
			if err != nil {
				t.Fatal(err)
			}
			after, err := model.Predict(r.dev[i : i+1])
			if err != nil {
				t.Fatal(err)
			}
			x, y = append(x, before[0].Class), append(y, after[0].Class)
			if before[0].Class != after[0].Class {
				changed++
			}
		}
		if len(x) != at.Examples || changed != at.Changed[1] || math.Abs(metric.MutualInformation(x, y)-at.Information[1]) > 1e-12 {
			t.Errorf("rank %d: %+v, want %d of %d changed, %v nats", at.Rank, at, changed, len(x), metric.MutualInformation(x, y))
		}
	}
	if total == 0 {
		t.Error("no removal at encoder 3 changes a label, so nothing was tried")
	}
}

func TestRanksAreEvenlySpaced(t *testing.T) {
	if got := ranksUpTo(5); !reflect.DeepEqual(got, []int{1, 2, 3, 4, 5}) {
		t.Errorf("up to 5: %v", got)
	}
	if got := ranksUpTo(250); len(got) != mostRanks || got[0] != 1 || got[1] != 9 || got[mostRanks-1] != 250 {
		t.Errorf("up to 250: %v", got)
	}
	question := data.Encoded{Choices: ofLengths(9, 4, 7)}
	if n := removable(&question); n != 3 {
		t.Errorf("every option of 9, 4 and 7 pieces can do without %d, want 3", n)
	}
	if n := middle(ofLengths(9, 3, 5, 4)); n != 4 {
		t.Errorf("half of 9, 3, 5 and 4 pieces have %d besides [CLS], want 4", n)
	}
}

func TestSurvivorsAreThoseOfTheReport(t *testing.T) {
	s := figure(t, "survivors").Result.(*Survivors)
	r, err := Measure(t.Context(), stage1(t).dir, quick)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s.Sentences, r.Sentences) || s.Encoders != 4 {
		t.Errorf("sentences %+v, want those of the report %+v", s.Sentences, r.Sentences)
	}
	odd := Figure{Result: &Survivors{Encoders: 4, Sentences: s.Sentences[:3]}}
	if err := odd.draw(io.Discard, "svg"); err != nil {
		t.Errorf("three sentences, two in a row: %v", err)
	}
	long := Sentence{Words: make([]Word, drawnWords+1), Gold: "a", Predicted: "b"}
	if p, err := s.panel(&long); err != nil || p.Title.Text != "a, predicted b (the first 40 of 41 words)" {
		t.Errorf("a long sentence: %v, %v", p.Title.Text, err)
	}
}

// What is measured agrees with what the stages found out, and a trial that was taken
// over counts once.
func TestParetoAgreesWithTheStages(t *testing.T) {
	dir, more := t.TempDir(), t.TempDir()
	tinyRun(t, dir, "encoder.layers=4")
	tinyRun(t, more, "encoder.layers=4", "search.lambda=0.3")
	e, err := configs.Load(filepath.Join(dir, "experiment.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pipeline.Distil(t.Context(), e, pipeline.Options{Dir: dir}, pipeline.Student{Method: configs.MethodPKD, Layers: 2}); err != nil {
		t.Fatal(err)
	}
	trial := filepath.Join(dir, "trials", "lambda-0.01")
	for _, name := range []string{"retrain", "search"} {
		if err := os.CopyFS(filepath.Join(trial, name), os.DirFS(filepath.Join(dir, name))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(filepath.Join(dir, "experiment.yaml"), filepath.Join(trial, "experiment.yaml")); err != nil {
		t.Fatal(err)
	}
	f, err := MakeFigure(t.Context(), "pareto", dir, FigureOptions{Runs: []string{more}, Budget: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	pareto := f.Result.(*Pareto)
	models, names := pareto.Models, pareto.names()
	for i, m := range models {
		stage, err := rundir.Stage(filepath.Dir(m.Dir), filepath.Base(m.Dir)).ReadRecord()
		if err != nil {
			t.Fatal(err)
		}
		want := stage.Result
		if math.Abs(m.Dev-want.Dev) > 1e-9 || m.Unpadded.MACs != want.MACs.Real || m.Padded.MACs != want.MACs.Padded {
			t.Errorf("%s: dev %v at %v and %v, want %v at %v and %v", names[i], m.Dev, m.Unpadded.MACs, m.Padded.MACs, want.Dev, want.MACs.Real, want.MACs.Padded)
		}
		if !(m.Unpadded.Milliseconds.Median > 0 && m.Padded.Milliseconds.Median > 0) {
			t.Errorf("%s took %+v and %+v", names[i], m.Unpadded, m.Padded)
		}
	}
	slices.Sort(names[1:3])
	if want := []string{"BERT", "PoWER-BERT, λ = 0.01", "PoWER-BERT, λ = 0.3", "pkd-2"}; !reflect.DeepEqual(names, want) {
		t.Errorf("models %q, want %q", names, want)
	}
	if models[1].Unpadded.MACs > models[2].Unpadded.MACs {
		t.Errorf("PoWER-BERT of %v multiply-adds comes before that of %v", models[1].Unpadded.MACs, models[2].Unpadded.MACs)
	}
}

// No figure of a run, and no report, outlives stage 1: the stages know all their files.
func TestFiguresGoWithStage1(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(figured())); err != nil {
		t.Fatal(err)
	}
	files := []string{"report.html"}
	for _, name := range Figures() {
		if !strings.HasPrefix(name, "table") {
			files = append(files, name+".json", name+".svg", name+".png")
		}
	}
	for _, file := range files {
		write(t, filepath.Join(dir, file), nil)
	}
	e, err := rundir.ReadExperiment(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pipeline.Finetune(t.Context(), e, pipeline.Options{Dir: dir, Overwrite: true}); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, err := os.Stat(filepath.Join(dir, file)); err == nil {
			t.Errorf("%s is still there", file)
		}
	}
}

// Rows that λ does not tell apart say what does.
func TestParetoTellsModelsApart(t *testing.T) {
	power := func(seed int, lambda float64, strategy, dir string) TradeOff {
		return TradeOff{Kind: kinds[1], Seed: seed, Lambda: lambda, Strategy: strategy, Dir: dir}
	}
	p := Pareto{Models: []TradeOff{{Kind: kinds[0], Seed: 1}, power(1, 0.1, retention.StrategyAttention, "a"), power(1, 0.2, retention.StrategyHead, "b"),
		{Kind: kinds[1], Seed: 1, Lambda: 0.1, Soft: 0.5}, {Kind: configs.MethodPKD, Seed: 1, Encoders: 2}}}
	want := []string{"BERT", "PoWER-BERT, λ = 0.1", "PoWER-BERT by Head-WS, λ = 0.2", "PoWER-BERT with soft targets, λ = 0.1", "pkd-2"}
	if got := p.names(); !reflect.DeepEqual(got, want) {
		t.Errorf("models %q, want %q", got, want)
	}
	p.Models = append(p.Models, power(2, 0.1, retention.StrategyAttention, "c"), power(1, 0, retention.StrategyAttention, "d"), power(1, 0, retention.StrategyAttention, "e"))
	want = []string{"BERT, seed 1", "PoWER-BERT, seed 1, λ = 0.1", "PoWER-BERT by Head-WS, seed 1, λ = 0.2",
		"PoWER-BERT with soft targets, seed 1, λ = 0.1", "pkd-2, seed 1",
		"PoWER-BERT, seed 2, λ = 0.1", "PoWER-BERT, seed 1 (d)", "PoWER-BERT, seed 1 (e)"}
	if got := p.names(); !reflect.DeepEqual(got, want) {
		t.Errorf("models %q, want %q", got, want)
	}
}

// A model reads the dev set with its own vocabulary, and those of another are refused.
func TestParetoRefusesOtherWordPieces(t *testing.T) {
	dir, more := t.TempDir(), t.TempDir()
	tinyRun(t, dir)
	text, err := os.ReadFile(filepath.Join(dir, "finetune", "vocab.txt"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	slices.Reverse(lines[10 : len(lines)-1])
	vocab := filepath.Join(t.TempDir(), "vocab.txt")
	write(t, vocab, []byte(strings.Join(lines, "\n")))
	tinyRun(t, more, "tokenizer.vocab="+vocab)
	_, err = MakeFigure(t.Context(), "pareto", dir, FigureOptions{Runs: []string{more}, Budget: time.Millisecond})
	want := filepath.Join(more, "finetune") + ": its tokenizer makes other word-pieces of the dev set than that of " + dir + ", so their figures cannot be compared"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestParetoMarksTheBest(t *testing.T) {
	model := func(dev, macs float64) TradeOff {
		return TradeOff{Kind: kinds[1], Dev: dev, Unpadded: Cost{MACs: macs}}
	}
	p := Pareto{Models: []TradeOff{model(0.8, 3), model(0.7, 2), model(0.7, 1), model(0.6, 1.5), model(0.8, 3)}}
	p.sort()
	var best []bool
	for _, m := range p.Models {
		best = append(best, m.Best)
	}
	if want := []bool{true, false, false, true, true}; !reflect.DeepEqual(best, want) { // by multiply-adds: 1, 1.5, 2, 3, 3
		t.Errorf("best %v, want %v", best, want)
	}
}

func TestFiguresRefuseRuns(t *testing.T) {
	dir := figured()
	like := func(set string) string {
		t.Helper()
		other := t.TempDir()
		e, err := configs.Load(filepath.Join(dir, "experiment.yaml"), []string{set})
		if err == nil {
			err = os.WriteFile(filepath.Join(other, "experiment.yaml"), e.YAML(), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return other
	}
	other := like("data.max_length=30")
	for _, c := range []struct {
		name, dir string
		runs      []string
		want      string
	}{
		{"pareto", dir, []string{other}, "the section data of its experiment is not that of " + dir},
		{"pareto", dir, []string{like("seed=99")}, "the demo task makes its data from the seed, and 99 is not that of " + dir},
		{"pareto", dir, []string{t.TempDir()}, "no experiment.yaml here"},
		{"cosine", other, nil, "no complete finetune stage here; run `train finetune CONFIG --out " + other + "` first"},
	} {
		_, err := MakeFigure(t.Context(), c.name, c.dir, FigureOptions{Runs: c.runs})
		var state *rundir.StateError
		if !errors.As(err, &state) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want a state error with %q", c.name, err, c.want)
		}
	}
	if _, err := MakeFigure(t.Context(), "figure2", dir, FigureOptions{}); err == nil || !strings.Contains(err.Error(), "want one of cosine, ") {
		t.Errorf("an unknown experiment: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range Figures() {
		dir, o := subject(t, name)
		_, err := MakeFigure(ctx, name, dir, o)
		if !errors.Is(err, context.Canceled) && !errors.Is(err, pipeline.ErrInterrupted) {
			t.Errorf("%s in a cancelled context: %v", name, err)
		}
	}
}

func TestPublishedTables(t *testing.T) {
	want := "table 1, test set, BERT-base → PoWER-BERT: 93.0 → 92.1, 898 → 374 ms, 2.4× faster (a K80, batches of 128, all inputs padded to N)"
	if got := publishedTable("bert", "sst2"); got[0] != want {
		t.Errorf("published of SST-2: %q, want %q", got, want)
	}
	if got := publishedTable("albert", "race"); got[0] != "nothing: the task race is not in table 2 of the paper" {
		t.Errorf("published of RACE by ALBERT: %q", got)
	}
	if got := publishedTable("roberta", "sst2"); got[0] != "nothing: the paper has no table of models of the kind roberta" {
		t.Errorf("published of SST-2 by RoBERTa: %q", got)
	}
	if got := publishedTable("", "sst2"); got[0] != want { // of a model at the hub
		t.Errorf("published of SST-2 by a model that is not here: %q", got)
	}
	for name, row := range map[string]tableRow{"cola": table1["cola"], "rte": table1["rte"], "imdb": table1["imdb"], "stsb": table2["stsb"]} {
		if ratio := float64(row.BERTMS) / float64(row.PoWERMS); math.Abs(ratio-row.Faster) > 0.06 {
			t.Errorf("%s: %d → %d ms is %.2f×, the table says %v×", name, row.BERTMS, row.PoWERMS, ratio, row.Faster)
		}
	}
}

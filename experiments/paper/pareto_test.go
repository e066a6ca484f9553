package paper

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/experiments/exptest"
	"github.com/powerbert/powerbert/pipeline"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/retention"
)

// What is measured agrees with what the stages found out, and a trial that was taken
// over counts once.
func TestParetoAgreesWithTheStages(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dir, more := t.TempDir(), t.TempDir()
	exptest.Copy(t, dir, "encoder.layers=4")
	exptest.Run(t, more, "encoder.layers=4", "search.lambda=0.3")
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
	f, err := MakeFigure(t.Context(), "pareto", dir, Options{Runs: []string{more}, Budget: time.Millisecond})
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

// Rows that λ does not tell apart say what does.
func TestParetoTellsModelsApart(t *testing.T) {
	power := func(seed int, lambda float64, strategy, dir string) TradeOff {
		return TradeOff{Kind: kinds[1], Seed: seed, Lambda: lambda, Strategy: strategy, Dir: dir}
	}
	p := Pareto{Models: []TradeOff{{Kind: kinds[0], Seed: 1}, power(1, 0.1, retention.StrategyAttention, "a"), power(1, 0.2, retention.StrategyHead, "b"),
		{Kind: kinds[1], Seed: 1, Lambda: 0.1, Soft: 0.5}, {Kind: kinds[1], Seed: 1, Lambda: 0.1, Score: retention.ScoreValue, CLS: 9}, {Kind: configs.MethodPKD, Seed: 1, Encoders: 2}}}
	want := []string{"BERT", "PoWER-BERT, λ = 0.1", "PoWER-BERT by Head-WS, λ = 0.2", "PoWER-BERT with soft targets, λ = 0.1",
		"PoWER-BERT by attention times value norms with [CLS] states, λ = 0.1", "pkd-2"}
	if got := p.names(); !reflect.DeepEqual(got, want) {
		t.Errorf("models %q, want %q", got, want)
	}
	p.Models = append(p.Models, power(2, 0.1, retention.StrategyAttention, "c"), power(1, 0, retention.StrategyAttention, "d"), power(1, 0, retention.StrategyAttention, "e"))
	want = []string{"BERT, seed 1", "PoWER-BERT, seed 1, λ = 0.1", "PoWER-BERT by Head-WS, seed 1, λ = 0.2",
		"PoWER-BERT with soft targets, seed 1, λ = 0.1", "PoWER-BERT by attention times value norms with [CLS] states, seed 1, λ = 0.1", "pkd-2, seed 1",
		"PoWER-BERT, seed 2, λ = 0.1", "PoWER-BERT, seed 1 (d)", "PoWER-BERT, seed 1 (e)"}
	if got := p.names(); !reflect.DeepEqual(got, want) {
		t.Errorf("models %q, want %q", got, want)
	}
}

// Models that were made for a price say it, and those of one model of several budgets are
// a curve of their own.
func TestParetoSaysBudgets(t *testing.T) {
	p := Pareto{Models: []TradeOff{{Kind: kinds[0]}, {Kind: kinds[1], Budget: 0.5, Lambda: 0.1}, {Kind: kinds[1], Budget: 0.7, Budgets: 2}, {Kind: kinds[1], Budget: 0.3, Budgets: 2}}}
	want := []string{"BERT", "PoWER-BERT, budget 0.5", "PoWER-BERT, one model of 2 budgets, budget 0.7", "PoWER-BERT, one model of 2 budgets, budget 0.3"}
	if got := p.names(); !reflect.DeepEqual(got, want) {
		t.Errorf("models %q, want %q", got, want)
	}
	for i, macs := range []float64{4e6, 2e6, 2.8e6, 1e6} {
		p.Models[i].Unpadded.MACs, p.Models[i].Dev = macs, 0.8+0.01*float64(i)
	}
	svg := picture(t, &p)
	p.Models = p.Models[:2]
	p.Models[1].Dev = p.Models[0].Dev
	if level := picture(t, &p); !strings.Contains(level, ">0.50</text>") {
		t.Error("no point carries its budget where all are as good")
	}
	for _, share := range []string{"1.00", "0.50", "0.70", "0.25"} {
		if strings.Count(svg, ">"+share+"</text>") < 1 {
			t.Errorf("no point carries its budget of %s", share)
		}
	}
}

// picture is the picture of a finding.
func picture(t *testing.T, of finding) string {
	t.Helper()
	var svg strings.Builder
	if err := (&Figure{Result: of}).draw(&svg, rundir.FormatSVG); err != nil {
		t.Fatal(err)
	}
	return svg.String()
}

// paretoOf are the models of a run with some settings.
func paretoOf(t *testing.T, overrides ...string) []TradeOff {
	t.Helper()
	dir := t.TempDir()
	exptest.Run(t, dir, overrides...)
	f, err := MakeFigure(t.Context(), "pareto", dir, Options{Budget: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return f.Result.(*Pareto).Models
}

// A model of two budgets is two points, each at its own cost.
func TestParetoOfSeveralBudgets(t *testing.T) {
	if testing.Short() {
		t.Skip("trains")
	}
	m := paretoOf(t, "compat=", "retrain.budgets=[0.9,0.6]", "search.candidates=[geometric]")
	if len(m) != 3 || m[1].Budget != 0.6 || m[2].Budget != 0.9 || !(m[1].Unpadded.MACs < m[2].Unpadded.MACs) || m[2].Unpadded.MACs > 0.9*m[0].Unpadded.MACs || m[1].Budgets != 2 {
		t.Errorf("models %+v", m)
	}
}

// Models that no search led to stand there as any.
func TestParetoWithoutASearch(t *testing.T) {
	if testing.Short() {
		t.Skip("trains")
	}
	if m := paretoOf(t, "search.lambda=0", "search.target=0.6", "search.candidates=[narrow]"); len(m) != 2 || m[1].Lambda != 0 || m[1].Unpadded.MACs > 0.6*m[0].Unpadded.MACs {
		t.Errorf("models %+v", m)
	}
}

// A model reads the dev set with its own vocabulary, and those of another are refused.
func TestParetoRefusesOtherWordPieces(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dir, more := t.TempDir(), t.TempDir()
	exptest.Copy(t, dir)
	text, err := os.ReadFile(filepath.Join(dir, "finetune", "vocab.txt"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	slices.Reverse(lines[10 : len(lines)-1])
	vocab := filepath.Join(t.TempDir(), "vocab.txt")
	exptest.Write(t, vocab, strings.Join(lines, "\n"))
	exptest.Run(t, more, "tokenizer.vocab="+vocab)
	_, err = MakeFigure(t.Context(), "pareto", dir, Options{Runs: []string{more}, Budget: time.Millisecond})
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

package infer

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/problem"
)

// tinyFor is tiny for another problem.
func tinyFor(t *testing.T, p problem.Kind, labels ...string) (*Model, string) {
	t.Helper()
	dir := saveTiny(t, &relative)
	l, err := model.Load[float32](dir, model.LoadOptions{Labels: labels, Problem: p, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if err := model.Save(dir, l.Config, l.Params); err != nil {
		t.Fatal(err)
	}
	m, err := Open(dir, length)
	if err != nil {
		t.Fatal(err)
	}
	return m, dir
}

// asked are n questions with three options each: reviews side by side.
func asked(m *Model, n int) []data.Encoded {
	_, dev := data.DemoTask(data.DemoSize{Train: 1, Dev: 4 * n, Seed: 9})
	set := &data.Set{Problem: problem.MultipleChoice}
	for i := range n {
		e := dev.Examples[4*i : 4*i+4]
		set.Examples = append(set.Examples, data.Example{Text: e[0].Text, Options: []string{e[1].Text, e[2].Text, e[3].Text}})
	}
	return data.Encode(set, m.Tokenizer, length)
}

// A regression says a score: the one output.
func TestRegressionSaysScores(t *testing.T) {
	m, _ := tinyFor(t, problem.Regression, "stars")
	examples, _ := encoded(m, 37)
	said, err := m.Predict(examples)
	if err != nil {
		t.Fatal(err)
	}
	want, least, most := logits(t, m, examples), math.Inf(1), math.Inf(-1)
	for i, p := range said {
		if p.Label != "stars" || p.Probabilities != nil || math.Abs(p.Score-float64(want[i])) > 1e-4 {
			t.Errorf("prediction %d is %+v, want the score %v", i, p, want[i])
		}
		least, most = min(least, p.Score), max(most, p.Score)
	}
	if most-least < 0.1 {
		t.Errorf("the scores lie within %g to %g, too near for a comparison", least, most)
	}
	trace, err := m.TraceEncoded(examples[5])
	if err != nil || math.Abs(trace.Prediction.Score-said[5].Score) > 1e-4 {
		t.Errorf("a trace says %+v, %v, want %v", trace, err, said[5].Score)
	}
}

// A choice is the softmax over the outputs of an example's sequences, whatever shares
// the batch, and a trace follows the chosen one.
func TestChoiceComparesOptions(t *testing.T) {
	m, _ := tinyFor(t, problem.MultipleChoice, "A", "B", "C")
	examples := asked(m, 23)
	said, err := m.Run(t.Context(), examples, 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	chosen := map[string]bool{}
	for i, p := range said.Predictions {
		alone := problem.Softmax(logits(t, m, examples[i].Choices))
		if want := kernel.Largest(alone); p.Class != want || p.Label != "ABC"[want:want+1] || math.Abs(p.Probabilities[want]-alone[want]) > 1e-4 {
			t.Errorf("question %d is answered with %+v, want class %d of %v", i, p, want, alone)
		}
		chosen[p.Label] = true
		trace, err := m.TraceEncoded(examples[i])
		if err != nil {
			t.Fatal(err)
		}
		ids := examples[i].Choices[p.Class].IDs
		if len(trace.Pieces) != len(ids) || len(trace.Survives) != len(ids) || trace.Survives[0] != 3 || trace.Pieces[3] != m.Tokenizer.Token(ids[3]) {
			t.Errorf("question %d: a trace of %d pieces, %v survive, want those of option %s", i, len(trace.Pieces), trace.Survives, p.Label)
		}
		if words, _ := trace.Words(); len(words) == 0 || words[0] != "[CLS]" {
			t.Errorf("question %d: the words of a trace are %q", i, words)
		}
	}
	if len(chosen) < 2 {
		t.Errorf("only %v are chosen, too few for a comparison", chosen)
	}
	if cost, each := m.Cost(examples[:1], 0), m.Cost(examples[0].Choices, 0); math.Abs(cost-3*each) > 1e-6*cost {
		t.Errorf("a question costs %v, want three times %v", cost, each)
	}
}

func TestExamplesThatSuitNoModel(t *testing.T) {
	chooser, _ := tinyFor(t, problem.MultipleChoice, "A", "B", "C")
	questions := asked(chooser, 2)
	questions[1].Choices = questions[1].Choices[:2]
	_, err := chooser.Predict(questions)
	wantText(t, err, "infer: the model chooses among 3 options, but example 2 has 2")
	_, err = chooser.Classify([]string{"a film"})
	wantText(t, err, "infer: the model chooses among 3 options, but example 1 has 0")
	_, err = tiny(t, nil).Predict(questions)
	wantText(t, err, "infer: example 1 has 3 options, but the model reads one sequence")
}

func wantText(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// What is exported of heads with one output, and that ONNX Runtime computes the same.
func TestExportOfProblems(t *testing.T) {
	for problem, labels := range map[problem.Kind][]string{problem.Regression: {"stars"}, problem.MultipleChoice: {"A", "B", "C"}} {
		t.Run(string(problem), func(t *testing.T) {
			m, dir := tinyFor(t, problem, labels...)
			x, err := Export(dir, filepath.Join(t.TempDir(), "model.onnx"), 0)
			if err != nil {
				t.Fatal(err)
			}
			metadata, err := x.metadata(m.Tokenizer)
			if err != nil || x.Width != 1 || metadata["problem_type"] != string(problem) || metadata["labels"] != `["`+strings.Join(labels, `","`)+`"]` {
				t.Errorf("exported %+v with labels %s of %s, %v", x, metadata["labels"], metadata["problem_type"], err)
			}
			examples, _ := encoded(m, 9)
			agree(t, dir, examples)
		})
	}
}

// Labels by themselves are sigmoids, a regression of several says all, and options without
// names are as many as a question brings.
func TestOtherProblems(t *testing.T) {
	m, _ := tinyFor(t, problem.MultiLabel, "toxic", "obscene", "threat")
	examples, _ := encoded(m, 5)
	said, err := m.Predict(examples)
	if err != nil || !m.MultiLabel() || m.Scores() {
		t.Fatalf("error %v; multi-label %v, scores %v", err, m.MultiLabel(), m.Scores())
	}
	want := logits(t, m, examples)
	for i, p := range said {
		for k, probability := range p.Probabilities {
			if sigmoid := 1 / (1 + math.Exp(-float64(want[3*i+k]))); math.Abs(probability-sigmoid) > 1e-4 {
				t.Errorf("prediction %d of label %d is %v, want %v", i, k, probability, sigmoid)
			}
		}
	}
	limit := said[0].Probabilities[1]
	m.Config.Thresholds = []float64{1, limit, limit + 1e-6}
	for i, p := range predicted(t, m, examples) {
		for k, name := range []string{"toxic", "obscene", "threat"} {
			if slices.Contains(p.Labels, name) != (p.Probabilities[k] >= m.Config.Thresholds[k]) {
				t.Errorf("prediction %d says %q of %v at %v", i, p.Labels, p.Probabilities, m.Config.Thresholds)
			}
		}
	}
	x := &Exported{Thresholds: []float64{0.25, 1}}
	if metadata, err := x.metadata(m.Tokenizer); err != nil || metadata["thresholds"] != "[0.25,1]" {
		t.Errorf("the metadata say %s, %v", metadata["thresholds"], err)
	}
	m, _ = tinyFor(t, problem.Regression, "valence", "arousal")
	if said, err = m.Predict(examples); err != nil || len(said[0].Scores) != 2 || said[0].Scores[0] != said[0].Score || said[0].Scores[1] == said[0].Score {
		t.Errorf("of two scores it says %+v, error %v", said[0], err)
	}
	m, dir := tinyFor(t, problem.MultipleChoice, "A", "B", "C")
	named, err := m.Predict(asked(m, 4))
	if err != nil {
		t.Fatal(err)
	}
	m.Config.ID2Label, m.Config.Label2ID = nil, nil
	if said, err = m.Predict(asked(m, 4)); err != nil {
		t.Fatalf("%s without names of options: %v", dir, err)
	}
	for i, p := range said {
		if p.Class != named[i].Class || p.Label != "LABEL_"+string(rune('0'+p.Class)) || len(p.Probabilities) != 3 {
			t.Errorf("without names question %d is answered with %+v, want class %d", i, p, named[i].Class)
		}
	}
	mixed := asked(m, 2)
	mixed[1].Choices = mixed[1].Choices[:2]
	if _, err := m.Predict(mixed); err == nil || err.Error() != "infer: the model chooses among 3 options, but example 2 has 2" {
		t.Errorf("of three options and two: %v", err)
	}
}

// predicted are predictions without an error.
func predicted(t *testing.T, m *Model, examples []data.Encoded) []Prediction {
	t.Helper()
	said, err := m.Predict(examples)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// What was trained on pairs refuses single texts, and answers pairs.
func TestPairsRefuseSingleTexts(t *testing.T) {
	m, _ := tinyFor(t, problem.Classification, "no", "yes")
	if _, err := m.Classify([]string{"one"}); err != nil || m.WantsPairs() {
		t.Errorf("of single texts: %v", err)
	}
	m.Config.Pairs = true
	_, classified := m.Classify([]string{"one"})
	_, traced := m.Trace("one")
	for _, err := range []error{classified, traced} {
		if err == nil || !strings.Contains(err.Error(), "was trained on pairs of texts") {
			t.Errorf("a single text: %v", err)
		}
	}
	if said := predicted(t, m, []data.Encoded{m.Encode(data.Example{Text: "one", Pair: "two"}, true)}); len(said) != 1 {
		t.Errorf("a pair: %v", said)
	}
}

package model

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/problem"
)

// problems are the three kinds of head on small.
func kinds() map[problem.Kind]arch.Config {
	list := map[problem.Kind]arch.Config{}
	for kind, labels := range map[problem.Kind][]string{
		problem.Classification: {"a", "b", "c"}, problem.Regression: {"score"}, problem.MultipleChoice: {"A", "B", "C"},
	} {
		c := small()
		c.HiddenDropoutProb, c.AttentionProbsDropoutProb = 0, 0
		c.SetProblem(kind, labels)
		list[kind] = c
	}
	return list
}

// A model is saved and loaded as what it is, under the names of transformers.
func TestProblemsAreSaved(t *testing.T) {
	want := map[problem.Kind]struct {
		architecture, problemType string
		outputs, options          int
	}{
		problem.Classification: {"BertForSequenceClassification", "", 3, 1},
		problem.Regression:     {"BertForSequenceClassification", "regression", 1, 1},
		problem.MultipleChoice: {"BertForMultipleChoice", "", 1, 3},
	}
	for kind, c := range kinds() {
		p := NewParams[float32](c)
		p.Init(1)
		dir := filepath.Join(t.TempDir(), "model")
		if err := Save(dir, c, p); err != nil {
			t.Fatal(err)
		}
		l, err := LoadTrained[float32](dir)
		if err != nil {
			t.Fatal(err)
		}
		got := l.Config
		w := want[kind]
		if got.Problem() != kind || got.Architectures[0] != w.architecture || got.ProblemType != w.problemType ||
			got.Outputs() != w.outputs || got.Options() != w.options || !slices.Equal(got.Labels(), c.Labels()) {
			t.Errorf("%s came back as %s, %+v, %d outputs, %d options", kind, got.Problem(), got, got.Outputs(), got.Options())
		}
	}
}

// What transformers writes: one label without "regression" is one by itself, and a model
// for multiple choice says nothing of labels.
func TestProblemOfOthers(t *testing.T) {
	for text, want := range map[string]problem.Kind{
		`{"num_labels": 1}`: problem.MultiLabel,
		`{"id2label": {"0": "a", "1": "b"}, "problem_type": "multi_label_classification"}`: problem.MultiLabel,
		`{"num_labels": 1, "problem_type": "multi_label_classification"}`:                  problem.MultiLabel,
		`{"num_labels": 3, "problem_type": "regression"}`:                                  problem.Regression,
		`{"id2label": {"0": "LABEL_0"}, "problem_type": "regression"}`:                     problem.Regression,
		`{}`: problem.Classification,
		`{"problem_type": "single_label_classification"}`: problem.Classification,
		`{"architectures": ["BertForMultipleChoice"]}`:    problem.MultipleChoice,
	} {
		var c arch.Config
		if err := c.UnmarshalJSON([]byte(text)); err != nil || c.Problem() != want {
			t.Errorf("%s is %s, %v, want %s", text, c.Problem(), err, want)
		}
	}
}

// The head for another kind starts anew.
func TestLoadForAnotherProblem(t *testing.T) {
	dir := folder(t, single(checkpoint(2, "F32")))
	for kind, labels := range map[problem.Kind][]string{problem.Regression: {"score"}, problem.MultipleChoice: {"A", "B", "C", "D"}} {
		l, err := Load[float32](dir, LoadOptions{Labels: labels, Problem: kind})
		if err != nil {
			t.Fatal(err)
		}
		if l.Config.Problem() != kind || len(l.Params.Slice("classifier.bias")) != 1 || len(l.Initialised) != 2 {
			t.Errorf("%s: loaded as %s, newly initialised %q", kind, l.Config.Problem(), l.Initialised)
		}
	}
}

// The task loss of each kind, from the network's own outputs.
func TestTaskLossOfProblems(t *testing.T) {
	for kind, c := range kinds() {
		t.Run(string(kind), func(t *testing.T) {
			p := NewParams[float64](c)
			p.Init(3)
			for i, v := range p.Slice("classifier.weight") {
				p.Slice("classifier.weight")[i] = 30 * v // so that the outputs differ
			}
			n, err := NewNet(c, p, nil, Use{Train: true})
			if err != nil {
				t.Fatal(err)
			}
			scores := []float64{2, -1, 0.5, 4, 0, 1}
			for s, score := range scores {
				n.Batch.AddSequence([]int32{int32(s), 3, int32(s + 5)}, []int32{0, 0, 1}, 0, (s/3+1)%c.NumLabels())
				n.Batch.Targets = append(n.Batch.Targets, score)
			}
			examples := len(scores) / c.Options()
			n.Batch.Weight = 1 / float64(examples)
			if err := n.Forward(); err != nil {
				t.Fatal(err)
			}
			y, width, want := Values[float64](n.Logits), c.Outputs()*c.Options(), 0.0
			for i := range examples {
				row := y[i*width : (i+1)*width]
				if kind == problem.Regression {
					want += (row[0] - scores[i]) * (row[0] - scores[i])
					continue
				}
				sum := 0.0
				for _, v := range row {
					sum += math.Exp(v)
				}
				want += math.Log(sum) - row[n.Batch.Labels[i*c.Options()]]
			}
			if want /= float64(examples); math.Abs(n.TaskLoss()-want) > 1e-12 {
				t.Errorf("loss is %v, want %v", n.TaskLoss(), want)
			}
		})
	}
}

func TestBatchesThatSuitNoProblem(t *testing.T) {
	for kind, want := range map[problem.Kind]string{
		problem.Regression:     "loss: the batch has 0 targets of 2 sequences, want 1 each",
		problem.MultipleChoice: "loss: the batch has 2 sequences, want 3 for each example, one per option",
	} {
		c := kinds()[kind]
		n, err := NewNet(c, NewParams[float32](c), nil, Use{Train: true})
		if err != nil {
			t.Fatal(err)
		}
		n.Batch.AddSequence([]int32{1}, []int32{0}, 0, 0)
		n.Batch.AddSequence([]int32{2}, []int32{0}, 0, 0)
		if err := n.Forward(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

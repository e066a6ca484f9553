package configs

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

// again writes an experiment and reads it back.
func again(t *testing.T, e *Experiment) *Experiment {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("experiment.yaml", e.YAML(), 0o644); err != nil {
		t.Fatal(err)
	}
	back, err := Load("experiment.yaml", nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, e.YAML())
	}
	return back
}

func TestYAMLLoadsAgain(t *testing.T) {
	t.Setenv("MONEY", "$HOME/$$")
	files := []string{
		"data: {task: demo}\n",
		"data: {task: demo}\ncompat: ibm\nsearch: {eps: 0.3333333333333333}\n",
		"data: {task: demo}\nencoder: {layers: 3}\nretrain: {retention: [9, 9, 2], strategy: head}\n",
		"data: {task: demo}\nfinetune: {class_weights: balanced, label_smoothing: 0.1}\n",
		"data: {task: demo}\nfinetune: {class_weights: {Positive: 2, '1': 0.25, 'a: b': 3, 4.5: 1}}\n",
		"model: $MONEY\ndata: {task: table, train: a$$b, dev: 'x: #y', text: ['1', 'true'], label: 'null', labels: ['', ' a', '0']}\n",
	}
	for _, file := range files {
		e := load(t, file)
		back := again(t, e)
		if diff := Diff(e, back); diff != nil || back.Name != e.Name {
			t.Errorf("%s comes back with %v", file, diff)
		}
	}
}

func TestYAMLHoldsEveryKey(t *testing.T) {
	text := string(load(t, "data: {task: demo}\n").YAML())
	if !strings.HasPrefix(text, "name: x\nseed: 1\nworkers: ") {
		t.Errorf("starts with %.40q, want the keys in the schema's order", text)
	}
	for _, line := range []string{"\n  lr: 3e-05\n", "\n  text: []\n", "\n  pad_queries_vote: false\n", "\n  demo:\n    train: 0\n"} {
		if !strings.Contains(text, line) {
			t.Errorf("has no %q:\n%s", line, text)
		}
	}
}

func TestMapIsTheYAML(t *testing.T) {
	text, err := json.Marshal(load(t, "data: {task: demo}\n").Map())
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		Search struct {
			Lambda float64 `json:"lambda"`
			Epochs int     `json:"epochs"`
		} `json:"search"`
		Data struct {
			Labels []string `json:"labels"`
		} `json:"data"`
	}
	if err := json.Unmarshal(text, &back); err != nil || back.Search.Lambda != 2e-4 || back.Search.Epochs != 3 {
		t.Errorf("got %+v, %v from %s", back, err, text)
	}
	if back.Data.Labels == nil {
		t.Errorf("no labels are null, want an empty list: %s", text)
	}
}

func TestDiffAndWhatItAffects(t *testing.T) {
	was := load(t, "data: {task: demo, labels: ['a b', c]}\n")
	now := *was
	now.Name, now.Seed, now.LogEvery, now.Quantize = "other", 2, 3, true
	now.Data.Labels = []string{"a", "b c"}
	now.Search.Lambda, now.Retrain.Epochs = 1, 9
	now.Students.Epochs, now.Students.PKD.Beta, now.Finetune.LR = 9, 7, 1
	affected := map[string][]string{}
	for _, d := range Diff(was, &now) {
		affected[d.Key] = nil
		for _, stage := range []string{StageFinetune, StageSearch, StageRetrain, "distilbert-6", "pkd-3"} {
			if d.Affects(stage) {
				affected[d.Key] = append(affected[d.Key], stage)
			}
		}
	}
	all := []string{StageFinetune, StageSearch, StageRetrain, "distilbert-6", "pkd-3"}
	want := map[string][]string{
		"name": nil, "log_every": nil, "quantize": nil,
		"seed": all, "data.labels": all,
		"search.lambda":  {StageSearch, StageRetrain},
		"retrain.epochs": {StageRetrain},
		"finetune.lr":    all,
		"distil.epochs":  {"distilbert-6", "pkd-3"}, "distil.pkd.beta": {"pkd-3"},
	}
	moved := *was
	moved.Tokenizer.Vocab, moved.Data.Dir, moved.Seed = "there/vocab.txt", "there", 2
	for _, d := range Diff(was, &moved) {
		if !d.Affects(StageFinetune) || d.Place() != (d.Key != "seed") {
			t.Errorf("%s: affects stage 1 %v, a place %v", d, d.Affects(StageFinetune), d.Place())
		}
	}
	if !reflect.DeepEqual(affected, want) {
		t.Errorf("got  %v\nwant %v", affected, want)
	}
	if diff := Diff(was, was); diff != nil {
		t.Errorf("differs from itself: %v", diff)
	}
}

package configs

import (
	"encoding/json"
	"os"
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

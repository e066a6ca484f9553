package pipeline

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/problem"
)

// ownCard is the front matter of a model of an own table, with all that can be said.
func ownCard() string {
	e := &configs.Experiment{Name: "mine", Model: "google-bert/bert-base-uncased@abc", Data: configs.Data{Task: data.TaskTable},
		Card: configs.Card{License: "apache-2.0", Language: []string{"no", "en"}, Datasets: []string{"me/reviews"}}}
	c := arch.DefaultBERT()
	c.SetProblem(problem.Classification, []string{"a", "b"})
	return frontMatter(e, &c, hubTag(&c), &rundir.Result{Task: "table", Metric: "macro_f1", Dev: 0.75, Also: metric.Scores{"accuracy": 0.8}})
}

func TestFrontMatter(t *testing.T) {
	const want = `---
language: ["no","en"]
license: "apache-2.0"
library_name: "transformers"
pipeline_tag: "text-classification"
tags: ["powerbert","bert"]
base_model: "google-bert/bert-base-uncased"
datasets: ["me/reviews"]
metrics: ["f1"]
model-index: [{"name":"mine","results":[{"dataset":{"name":"table","split":"validation","type":"me/reviews"},"metrics":[{"name":"dev macro_f1","type":"f1","value":0.75},{"name":"dev accuracy","type":"accuracy","value":0.8}],"task":{"type":"text-classification"}}]}]
---

`
	if got := ownCard(); got != want {
		t.Errorf("front matter\n%s\nwant\n%s", got, want)
	}
}

// A published task says its language and data set; what nobody says is left out, and so is
// a metric that is no number.
func TestFrontMatterOfPublishedTasks(t *testing.T) {
	c := arch.DefaultBERT()
	c.SetProblem(problem.MultipleChoice, []string{"A", "B"})
	e := &configs.Experiment{Name: "race", Model: t.TempDir(), Data: configs.Data{Task: data.TaskRACE}}
	got := frontMatter(e, &c, hubTag(&c), &rundir.Result{Task: "race", Metric: "matthews", Dev: math.NaN()})
	const want = `---
language: ["en"]
library_name: "transformers"
pipeline_tag: "multiple-choice"
tags: ["powerbert","bert"]
datasets: ["ehovy/race"]
metrics: ["matthews_correlation"]
---

`
	if got != want {
		t.Errorf("front matter\n%s\nwant\n%s", got, want)
	}
}

// Labels stand with their ids and, where config.json has them, with the probability from
// which on they are said.
func TestCardListsLabels(t *testing.T) {
	c := arch.DefaultBERT()
	c.SetLabels([]string{"no", "a|b"})
	var plain, with strings.Builder
	aboutLabels(&plain, &c)
	if got, want := plain.String(), "\n## Labels\n\n| id | label |\n|--:|---|\n| 0 | no |\n| 1 | a\\|b |\n"; got != want {
		t.Errorf("labels %q, want %q", got, want)
	}
	if err := c.UnmarshalJSON([]byte(`{"id2label": {"0": "x", "1": "y"}, "problem_type": "multi_label_classification", "power_thresholds": [0.5, 0.35]}`)); err != nil {
		t.Fatal(err)
	}
	aboutLabels(&with, &c)
	if got, want := with.String(), "\n## Labels\n\n| id | label | said from |\n|--:|---|--:|\n| 0 | x | 0.5 |\n| 1 | y | 0.35 |\n"; got != want {
		t.Errorf("with thresholds %q, want %q", got, want)
	}
}

// A card says the last calibration alone.
func TestCalibratedCard(t *testing.T) {
	c := &Calibration{Data: "dev.csv", Examples: 60, Temperature: 2.5, Before: &problem.Trust{Loss: 0.5, ECE: 0.2, Brier: 0.3}, After: &problem.Trust{Loss: 0.4, ECE: 0.1, Brier: 0.25}}
	first := string(calibratedCard([]byte("# a card\n"), c))
	for _, want := range []string{"# a card\n\n## Probabilities\n", "temperature 2.5 ", "60 rows of dev.csv", "from 0.5000 to 0.4000 nats", "from 0.2000 to 0.1000", "from 0.3000 to 0.2500"} {
		if !strings.Contains(first, want) {
			t.Errorf("the card does not say %q:\n%s", want, first)
		}
	}
	c.Temperature = 3
	again := string(calibratedCard([]byte(first), c))
	if strings.Count(again, "## Probabilities") != 1 || strings.Contains(again, "2.5 ") || !strings.Contains(again, "temperature 3 ") || !strings.HasPrefix(again, "# a card\n") {
		t.Errorf("calibrated again:\n%s", again)
	}
}

// The hub's own library reads the front matter, and the results in it.
func TestOracleOfCards(t *testing.T) {
	python := os.Getenv("POWERBERT_PYTHON")
	if python == "" {
		t.Skip("POWERBERT_PYTHON (with huggingface_hub) is not set")
	}
	card := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(card, []byte(ownCard()+"# mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), python, "testdata/card.py", card).CombinedOutput()
	const want = `['no', 'en'] apache-2.0 transformers text-classification ['powerbert', 'bert'] google-bert/bert-base-uncased ['me/reviews'] ['f1']
mine text-classification me/reviews table validation f1 0.75
mine text-classification me/reviews table validation accuracy 0.8
`
	if err != nil || string(out) != want {
		t.Errorf("%v: huggingface_hub reads\n%s\nwant\n%s", err, out, want)
	}
}

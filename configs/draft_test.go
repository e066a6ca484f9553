package configs

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
)

// What is drafted loads as what it was made of, whatever columns and labels are called.
func TestDraftLoads(t *testing.T) {
	t.Chdir(t.TempDir())
	rows := "id,\"odd, name\",yes: no\n" + strings.Repeat("1,some words,\"x\ny # z\"\n", 9) + "2,other words,true\n"
	if err := os.WriteFile("a $b.csv", []byte(rows), 0o644); err != nil {
		t.Fatal(err)
	}
	look, err := data.LookAt("a $b.csv")
	if err != nil {
		t.Fatal(err)
	}
	d := Draft{Look: look, Text: []string{"odd, name"}, Label: "yes: no"}
	if err := os.WriteFile("a.yaml", d.YAML(), 0o644); err != nil {
		t.Fatal(err)
	}
	e, err := Load("a.yaml", nil)
	if err != nil {
		t.Fatalf("%v of\n%s", err, d.YAML())
	}
	want := Data{Task: "table", Train: "a $b.csv", Text: d.Text, Label: Names(d.Label), Metric: "macro_f1", MaxLength: 32, HeldOut: 0.1, SplitSeed: 1, Together: data.TogetherAuto, OnMalformed: StopMalformed}
	if !reflect.DeepEqual(e.Data, want) || e.Search.MaxDrop != 1 {
		t.Errorf("%+v, want %+v", e.Data, want)
	}
}

// Lists of labels are drafted as several labels, with what is between them, whichever
// format they have; a rare one asks for weights.
func TestDraftOfLists(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, row := range map[string]struct{ content, separator, says string }{
		"a.csv": {"text,label\n" + strings.Repeat("some words,a|b\nsome,a\nsome,\nother words,b\nothers,a\n", 10), "|",
			"#   label: lists of the labels, 2 of them: a (60.0 %), b (40.0 %)\n"},
		"a.jsonl": {strings.Repeat(`{"text":"some words","label":["a","b"]}`+"\n"+`{"text":"others","label":["a"]}`+"\n"+`{"text":"none","label":[]}`+"\n", 12) +
			strings.Repeat(`{"text":"more","label":["a"]}`+"\n", 30), "", "# finetune: {class_weights: balanced}"},
	} {
		if err := os.WriteFile(name, []byte(row.content), 0o644); err != nil {
			t.Fatal(err)
		}
		look, err := data.LookAt(name)
		if err != nil {
			t.Fatal(err)
		}
		d := Draft{Look: look, Text: []string{"text"}, Label: look.Label()}
		if err := os.WriteFile("a.yaml", d.YAML(), 0o644); err != nil {
			t.Fatal(err)
		}
		e, err := Load("a.yaml", nil)
		if err != nil || !e.Data.MultiLabel || e.Data.Separator != row.separator || e.Data.Metric != "micro_f1" || !strings.Contains(string(d.YAML()), row.says) {
			t.Errorf("%s: %v, %+v of\n%s", name, err, e, d.YAML())
		}
		if _, err := data.Load(e.Source()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A length is a power of two that 95 % of the texts fit into, or as long as a BERT takes.
func TestLengthOfDraft(t *testing.T) {
	for words, want := range map[int]int{1: 32, 23: 32, 24: 64, 390: 512, 900: 512} {
		t.Chdir(t.TempDir())
		text := "text,label\n" + strings.Repeat(strings.Repeat("w ", words)+",x\n", 3)
		if err := os.WriteFile("a.csv", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		look, err := data.LookAt("a.csv")
		if err != nil {
			t.Fatal(err)
		}
		d := Draft{Look: look, Text: []string{"text"}, Label: "label"}
		if got, why := d.maxLength(); got != want || (words == 900) != strings.HasPrefix(why, "as many as") {
			t.Errorf("%d words: %d (%s), want %d", words, got, why, want)
		}
	}
}

// A model is drafted as a path of an experiment: a variable stays one, and a directory whose
// name has a dollar sign is that directory.
func TestDraftOfModels(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("a$b", 0o755); err != nil {
		t.Fatal(err)
	}
	for model, want := range map[string]string{"": DraftModel, "some/model": "some/model", "$MODELS/small": "$MODELS/small", "a$b": "a$$b"} {
		if got := (&Draft{Model: model}).model(); got != want {
			t.Errorf("%q is drafted as %q, want %q", model, got, want)
		}
	}
}

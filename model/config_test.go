package model

import (
	"os"
	"path/filepath"
	"testing"
)

// badConfigs is what a config.json can be instead of that of a BERT. DIR stands
// for the file's folder.
var badConfigs = []struct{ name, text, want string }{
	{"empty", ``, `DIR/config.json: is not valid JSON: line 1: unexpected end of JSON input`},
	{"broken", "{\n\"vocab_size\": 5,\n\"hidden_size\" 4\n}", `DIR/config.json: is not valid JSON: line 3: invalid character '4' after object key`},
	{"a list", `[1]`, `DIR/config.json: is a list, want an object`},
	{"a number", `3`, `DIR/config.json: is a number, want an object`},
	{"another model", `{"model_type": "deberta", "hidden_act": "gelu_10"}`,
		`DIR/config.json: model_type is "deberta", want "bert", "albert", "roberta", "camembert", "xlm-roberta", "distilbert", "electra", "mpnet" or "modernbert"; other kinds of model are not supported`},
	{"text for a number", `{"hidden_size": "768"}`, `DIR/config.json: hidden_size is a string, want a whole number`},
	{"a fraction", `{"num_hidden_layers": 3.5}`, `DIR/config.json: num_hidden_layers is 3.5, want a whole number`},
	{"a list for a rate", `{"hidden_dropout_prob": []}`, `DIR/config.json: hidden_dropout_prob is a list, want a number`},
	{"a switch for text", `{"hidden_act": true}`, `DIR/config.json: hidden_act is true or false, want a string`},
	{"an object for a list", `{"architectures": {}}`, `DIR/config.json: architectures is an object, want a list`},
	{"a number for a switch", `{"power_retention": {"pad_queries_vote": 1}}`,
		`DIR/config.json: power_retention.pad_queries_vote is a number, want true or false`},
	{"labels as a list", `{"id2label": ["a", "b"]}`, `DIR/config.json: id2label is a list, want an object`},
	{"num_labels of text", `{"num_labels": "2"}`, `DIR/config.json: num_labels is "2", want 1 to 65536`},
	{"rates", `{"hidden_dropout_prob": 1, "attention_probs_dropout_prob": -0.1, "classifier_dropout": 2}`,
		`DIR/config.json: hidden_dropout_prob is 1, want 0 or more and less than 1
DIR/config.json: attention_probs_dropout_prob is -0.1, want 0 or more and less than 1
DIR/config.json: classifier_dropout is 2, want 0 or more and less than 1`},
}

func TestBadConfigs(t *testing.T) {
	for _, c := range badConfigs {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "config.json")
			if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err := ReadConfig(dir)
			wantError(t, err, c.want, dir)
		})
	}
}

func TestHugeConfigFileIsNotRead(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "config.json")
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, maxJSON+1); err != nil {
		t.Fatal(err)
	}
	_, err := ReadConfig(dir)
	wantError(t, err, "DIR/config.json: has more than 67108864 bytes, too many for JSON of a model", dir)
}

package configs

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// What the file names is looked for here, then beside the file; what an override names, and
// what is nowhere, is left as it is.
func TestPathsBesideTheFile(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"here.csv", "both.csv", "exp/both.csv", "exp/there.csv", "exp/data/dev.csv", "exp/vocab.txt", "exp/a.txt"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in := func(path string) string { return filepath.Join("exp", filepath.FromSlash(path)) }
	tests := []struct {
		train, dev, dir string
		overrides       []string
		want            []string // train, dev, dir
		beside          []string
	}{
		{"here.csv", "there.csv", "''", nil, []string{"here.csv", in("there.csv"), ""}, []string{in("there.csv")}},
		{"both.csv", "none.csv", "''", nil, []string{"both.csv", "none.csv", ""}, nil},
		{"dev.csv", "there.csv", "data", nil, []string{"dev.csv", "there.csv", in("data")}, []string{in("data")}},
		{"[here.csv, there.csv]", "'th*.csv'", "''", nil, []string{"here.csv\n" + in("there.csv"), in("th*.csv"), ""}, []string{in("there.csv"), in("th*.csv")}},
		{"here.csv", "here.csv", "''", []string{"data.train=there.csv"}, []string{"there.csv", "here.csv", ""}, nil},
	}
	for _, test := range tests {
		yaml := "name: x\ntokenizer: {vocab: vocab.txt}\npretrain: {texts: [here.csv, a.txt]}\n" +
			"data: {task: table, text: [t], label: l, train: " + test.train + ", dev: " + test.dev + ", dir: " + test.dir + "}\n"
		if err := os.WriteFile("exp/x.yaml", []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		e, err := Load("exp/x.yaml", test.overrides)
		if err != nil {
			t.Fatal(err)
		}
		if got := []string{string(e.Data.Train), string(e.Data.Dev), e.Data.Dir}; !slices.Equal(got, test.want) {
			t.Errorf("%+v: got %q", test, got)
		}
		if e.Tokenizer.Vocab != in("vocab.txt") || e.Pretrain.Texts[0] != "here.csv" || e.Pretrain.Texts[1] != in("a.txt") {
			t.Errorf("vocabulary %s, texts %q", e.Tokenizer.Vocab, e.Pretrain.Texts)
		}
		want := append([]string{in("vocab.txt")}, test.beside...)
		if got := e.Beside(); !slices.Equal(got, append(want, in("a.txt"))) {
			t.Errorf("%+v: beside are %q", test, got)
		}
		if again, err := LoadRecord("exp/x.yaml"); err != nil || again.Tokenizer.Vocab != "vocab.txt" {
			t.Errorf("a record's vocabulary is %v, %v, want it as it is", again, err)
		}
	}
}

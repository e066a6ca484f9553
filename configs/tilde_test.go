package configs

import (
	"path/filepath"
	"testing"
)

// A home stands in the place of ~ at the beginning of every path, of a list, too, and of
// what a variable says.
func TestHomesInPaths(t *testing.T) {
	t.Setenv("HOME", "/home/ann")
	t.Setenv("CORPORA", "~/corpora")
	e := load(t, "model: ~/models/bert\ndata: {task: table, text: [t], label: l, train: [~/a.tsv, b~.tsv], dev: ~/dev.tsv}\n", "tokenizer.vocab=~/vocab.txt", "pretrain.texts=[$CORPORA/one.txt]")
	for _, c := range []struct{ got, want string }{
		{e.Model, "/home/ann/models/bert"}, {string(e.Data.Train), "/home/ann/a.tsv\nb~.tsv"}, {string(e.Data.Dev), "/home/ann/dev.tsv"},
		{e.Tokenizer.Vocab, "/home/ann/vocab.txt"}, {e.Pretrain.Texts[0], "/home/ann/corpora/one.txt"},
	} {
		if filepath.ToSlash(c.got) != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

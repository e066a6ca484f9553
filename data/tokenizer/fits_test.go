package tokenizer

import (
	"strings"
	"testing"
)

func TestFits(t *testing.T) {
	plain := mustNew(t, small, Options{})
	added := mustNew(t, small, Options{Added: []AddedToken{{ID: 13, Content: "<a>"}, {ID: 14, Content: "<b>"}}})
	gap := mustNew(t, small, Options{Added: []AddedToken{{ID: 15, Content: "<c>"}}})
	for _, test := range []struct {
		tok  Tokenizer
		rows int
		want string
	}{
		{plain, 13, ""},
		{plain, 64, ""},
		{plain, 12, `the tokenizer has 13 ids, but the model's embedding has 12 rows, none for "漢", id 12; use the tokenizer that belongs to the model`},
		{added, 15, ""},
		{added, 13, `the tokenizer has 15 ids, but the model's embedding has 13 rows, none for the added token "<a>", id 13; give the model a row`},
		{added, 12, `none for "漢", id 12`},
		{gap, 15, `the tokenizer has 16 ids, but the model's embedding has 15 rows, none for the added token "<c>", id 15`},
	} {
		err := Fits(test.tok, test.rows)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%d rows: %v, want %q", test.rows, err, test.want)
		}
	}
}

// Blank lines at the end of a vocabulary ask for no rows, those between do.
func TestBlankLines(t *testing.T) {
	text := strings.Join(small, "\n")
	for content, want := range map[string]int{text: 13, text + "\n": 13, text + "\n\n\n": 13, text + "\n \n\u3000\n": 13, text + "\n\nnew\n": 15} {
		tok, err := LoadVocab(write(t, t.TempDir(), vocabName, content), Options{})
		if err != nil || tok.Size() != want || Fits(tok, want) != nil {
			t.Errorf("%q: %v, size %d, want %d", content[len(text):], err, tok.Size(), want)
		}
	}
}

package tokenizer

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestSpans(t *testing.T) {
	tok := mustNew(t, []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##able", "cafe", "film", ".", "'", "s", "電"}, Options{})
	for _, c := range []struct {
		text string
		n    int
		want []Span
	}{
		{"  Unable\tCAFÉ. ", 9, []Span{{"Unable", 2, 8, 0, 2}, {"CAFÉ", 9, 13, 2, 3}, {".", 13, 14, 3, 4}}},
		{"Cafe\u0301 film", 9, []Span{{"Cafe\u0301", 0, 5, 0, 1}, {"film", 6, 10, 1, 2}}}, // a mark of its own
		{"電電film's", 9, []Span{{"電", 0, 1, 0, 1}, {"電", 1, 2, 1, 2}, {"film", 2, 6, 2, 3}, {"'", 6, 7, 3, 4}, {"s", 7, 8, 4, 5}}},
		{"film unable film", 2, []Span{{"film", 0, 4, 0, 1}, {"unable", 5, 11, 1, 2}}},                   // cut within a word
		{"\u200b film", 9, []Span{{"film", 2, 6, 0, 1}}},                                                 // no piece, no word
		{"film [SEP] zz", 9, []Span{{"film", 0, 4, 0, 1}, {"[SEP]", 5, 10, 1, 2}, {"zz", 11, 13, 2, 3}}}, // a token is one word
		{"film.." + strings.Repeat(".", 2*mostEnds) + " film", 999, nil},
		{"", 9, nil}, {"film", 0, nil},
	} {
		got := Spans(tok, c.text, c.n)
		if c.n == 999 { // what is long without a space ends with it
			last := got[len(got)-1]
			if len(got) != mostEnds+1 || last.Text != "film" || last.To != len(tok.Pieces(c.text)) {
				t.Errorf("%d words, the last %v", len(got), last)
			}
		} else if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %v, want %v", c.text, got, c.want)
		}
	}
}

// Whatever the tokenizer, words share out all pieces in order, and are the text at their
// place.
func TestSpansOfEveryKind(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	fix := readKinds(t)
	for i := range fix.Kinds {
		k := &fix.Kinds[i]
		tok := k.load(t)
		for at := i % 3; at < len(fix.Texts); at += 3 {
			text := fix.Texts[at]
			if len(text) > 200 {
				continue
			}
			runes, pieces, end := []rune(text), 0, 0
			for _, w := range Spans(tok, text, 1<<30) {
				if w.Start < end || w.End <= w.Start || w.From != pieces || w.To <= w.From || string(runes[w.Start:w.End]) != w.Text && !slices.Contains(runes, '\uFFFD') {
					t.Errorf("%s: %q: word %+v after piece %d, character %d", k.Name, text, w, pieces, end)
				}
				pieces, end = w.To, w.End
			}
			if want := len(tok.Pieces(text)); pieces != want && strings.TrimRightFunc(text, unicode.IsSpace) == text {
				t.Errorf("%s: %q: words of %d pieces, want %d", k.Name, text, pieces, want)
			}
		}
	}
}

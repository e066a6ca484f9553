package tokenizer

import (
	"slices"
	"strings"
	"testing"
)

func TestNewErrors(t *testing.T) {
	added := func(tokens ...AddedToken) Options { return Options{Added: tokens} }
	n := int32(len(small))
	for _, test := range []struct {
		name  string
		vocab []string
		opt   Options
		want  string
	}{
		{"nothing", nil, Options{}, "vocabulary: no [UNK], [CLS], [SEP] among 0 pieces"},
		{"not UTF-8", append(slices.Clone(small), "a\xff"), Options{}, `vocabulary: piece "a\xff" is not UTF-8`},
		{"other names", small, Options{CLS: "<s>", SEP: "</s>"}, "no <s>, </s> among 13 pieces"},
		{"unknown is added", small, Options{Unknown: "<unk>", Added: []AddedToken{{ID: n, Content: "<unk>"}}}, "no <unk> among 13 pieces"},
		{"added id", small, added(AddedToken{ID: 7, Content: "un"}), `added token "un" has id 7, want 5`},
		{"negative id", small, added(AddedToken{ID: -1, Content: "new"}), `added token "new" has id -1, want 0 to 16777215`},
		{"huge id", small, added(AddedToken{ID: 1 << 30, Content: "new"}), `added token "new" has id 1073741824, want 0 to 16777215`},
		{"added not UTF-8", small, added(AddedToken{ID: n, Content: "a\xff"}), `added token "a\xff" is not UTF-8`},
		{"one id of two", small, added(AddedToken{ID: n, Content: "a"}, AddedToken{ID: n, Content: "b"}), `added token "b": id 13 is taken by the added token "a"`},
		{"nothing left", small, added(AddedToken{ID: n, Content: "\u0301", Normalized: true}), `added token "\u0301" is empty once normalised`},
		{"the same", small, added(AddedToken{ID: 5, Content: "un", Normalized: true}, AddedToken{ID: 8, Content: "Un", Normalized: true}), `added tokens "un" and "Un" are equal once normalised`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := New(test.vocab, test.opt)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestTokens(t *testing.T) {
	w := mustNew(t, small, Options{Added: []AddedToken{{ID: 13, Content: "<new>"}}})
	if w.Size() != 14 || w.Token(13) != "<new>" || w.Token(6) != "##aff" {
		t.Errorf("size %d, token 13 %q, token 6 %q", w.Size(), w.Token(13), w.Token(6))
	}
	for _, id := range []int32{-1, 14, 1 << 30} {
		if got := w.Token(id); got != "" {
			t.Errorf("token %d is %q, want none", id, got)
		}
	}
	if id, ok := w.ID("<new>"); id != 13 || !ok {
		t.Errorf("id of <new> is %d, %v", id, ok)
	}
	if _, ok := w.ID("none"); ok {
		t.Error("none has an id")
	}
	if got := mustNew(t, small[1:], Options{}).Pad(); w.Pad() != 0 || got != 0 {
		t.Errorf("padding is %d and %d, want 0", w.Pad(), got)
	}
}

// TestNewCopies: the caller's slices stay the caller's.
func TestNewCopies(t *testing.T) {
	vocab, added := slices.Clone(small), []AddedToken{{ID: 4, Content: "[MASK]"}}
	w := mustNew(t, vocab, Options{Added: added})
	vocab[5], added[0].Content = "changed", "changed"
	if got, want := w.Encode("un [MASK]", 0).IDs, []int32{2, 5, 4, 3}; !slices.Equal(got, want) || w.Token(5) != "un" {
		t.Errorf("ids %v, want %v", got, want)
	}
	if dir := t.TempDir(); w.Save(dir) != nil {
		t.Error("cannot save")
	} else if again, err := loadWordPiece(dir); err != nil || again.Token(5) != "un" {
		t.Errorf("%v after saving", err)
	}
}

func TestWords(t *testing.T) {
	w := mustNew(t, small, Options{})
	e := w.EncodePair("Unaffable, [MASK]affable", "é! un", 0)
	want := []Word{
		{"[CLS]", 0, 1, true}, {"unaffable", 1, 4, false}, {"[UNK]", 4, 5, false}, {"[MASK]", 5, 6, true}, {"[UNK]", 6, 7, false},
		{"[SEP]", 7, 8, true}, {"e", 8, 9, false}, {"!", 9, 10, false}, {"un", 10, 11, false}, {"[SEP]", 11, 12, true},
	}
	if got := w.Words(e.IDs); !slices.Equal(got, want) {
		t.Errorf("words\n%v, want\n%v", got, want)
	}
}

// TestWordsOfPieces: pieces in an order that no text gives, ids of no piece.
func TestWordsOfPieces(t *testing.T) {
	w := mustNew(t, small, Options{})
	want := []Word{{"##aff", 0, 1, false}, {"[CLS]", 1, 2, true}, {"##ableaff", 2, 4, false}, {"", 4, 5, false}}
	if got := w.Words([]int32{6, 2, 7, 6, 99}); !slices.Equal(got, want) {
		t.Errorf("words\n%v, want\n%v", got, want)
	}
	if got := w.Words(nil); got != nil {
		t.Errorf("words of nothing: %v", got)
	}
}

package data

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data/tokenizer"
)

func documents(t *testing.T, c Corpus) []string {
	t.Helper()
	var list []string
	if err := c.Each(func(d string) error { list = append(list, d); return nil }); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestCorpusDocuments(t *testing.T) {
	plain := write(t, "a.txt", "one\n\ntwo a\r\ntwo b\n \nthree")
	table := write(t, "b.tsv.gz", zip(t, "id\ttext\n1\tfour \"quoted\"\n2\tfive\n"))
	json := write(t, "c.jsonl", `{"text": "six", "more": 1}`+"\n")
	for name, c := range map[string]struct {
		Corpus
		want []string
	}{
		"lines":       {Corpus{Files: []string{plain}}, []string{"one", "two a", "two b", "three"}},
		"blank lines": {Corpus{Files: []string{plain}, BlankLines: true}, []string{"one", "two a\ntwo b", "three"}},
		"tables": {Corpus{Files: []string{table, json, plain}, Column: "text", BlankLines: true},
			[]string{`four "quoted"`, "five", "six", "one", "two a\ntwo b", "three"}},
	} {
		if got := documents(t, c.Corpus); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestCorpusProblems(t *testing.T) {
	table := write(t, "a.csv", "id,text\n1,two\n")
	bad := write(t, "b.txt", "fine\n\xff\xfe\n")
	stop := errors.New("stop")
	for want, c := range map[string]Corpus{
		"no column \"body\"": {Files: []string{table}, Column: "body"},
		"b.txt:2":            {Files: []string{bad}},
		"nowhere.txt":        {Files: []string{"nowhere.txt"}},
	} {
		err := c.Each(func(string) error { return nil })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want one with %q", err, want)
		}
	}
	if err := (Corpus{Files: []string{table}, Column: "text"}).Each(func(string) error { return stop }); err != stop {
		t.Errorf("got %v, want what the callback said", err)
	}
}

// letters is a tokenizer with a piece for each of a … z.
func letters(t *testing.T) *tokenizer.WordPiece {
	t.Helper()
	vocab := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
	for c := 'a'; c <= 'z'; c++ {
		vocab = append(vocab, string(c))
	}
	tok, err := tokenizer.New(vocab, tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// spell is a sequence as text, its special tokens in one letter.
func spell(tok *tokenizer.WordPiece, ids []int32) string {
	var text strings.Builder
	for _, id := range ids {
		switch piece := tok.Token(id); piece {
		case "[CLS]":
			text.WriteByte('^')
		case "[SEP]":
			text.WriteByte('|')
		default:
			text.WriteString(piece)
		}
	}
	return text.String()
}

func TestPackFillsSequencesWithDocuments(t *testing.T) {
	tok := letters(t)
	p := packer{tok: tok, length: 10}
	for _, d := range []string{"a b c", "d e", "f g h i j k l m n o p q r s t", "u", "v w x y z a b c"} {
		p.add(tok.Pieces(d))
	}
	p.end()
	var got []string
	for _, s := range p.sequences {
		got = append(got, spell(tok, s.IDs))
		if len(s.Types) != len(s.IDs) || slices.Max(s.Types) != 0 {
			t.Errorf("types of %q are %v", got[len(got)-1], s.Types)
		}
	}
	want := []string{"^abc|de|", "^fghijklm|", "^nopqrst|", "^u|vwxyza|", "^bc|"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// No document is on both sides, none is lost, and the share is about what was asked.
func TestPackHoldsDocumentsBack(t *testing.T) {
	tok := letters(t)
	var text strings.Builder
	for i := range 500 {
		text.WriteString(strings.Repeat(string(rune('a'+i%26))+" ", 1+i/26) + "\n")
	}
	c := Corpus{Files: []string{write(t, "a.txt", text.String())}}
	train, dev, err := c.Pack(tok, 16, 0.2)
	if err != nil {
		t.Fatal(err)
	}
	pieces := func(set []Encoded) (n int) {
		for _, e := range set {
			n += len(strings.Trim(strings.ReplaceAll(spell(tok, e.IDs), "|", ""), "^"))
		}
		return n
	}
	all, held := pieces(train)+pieces(dev), pieces(dev)
	if want := strings.Count(text.String(), " "); all != want {
		t.Errorf("%d pieces, want %d", all, want)
	}
	if held < all/8 || held > all*3/10 {
		t.Errorf("%d of %d pieces are held back, want about a fifth", held, all)
	}
	if _, _, err := c.Pack(tok, 16, 1e-9); err == nil {
		t.Error("nothing to measure on, and no error")
	}
}

func TestMasking(t *testing.T) {
	tok := letters(t)
	m, err := NewMasking(tok, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	ids := tok.Encode(strings.Repeat("a b c d e ", 200), 0).IDs
	mask, _ := tok.ID("[MASK]")
	now, again := slices.Clone(ids), slices.Clone(ids)
	guessed, kept, masked := map[int]bool{}, 0, 0
	last, first7, first8 := 0, []int{}, []int{}
	m.Apply(now, 7, func(at int, token int32) {
		last, first7 = max(last, at), append(first7, at)
		if guessed[at] || token != ids[at] {
			t.Fatalf("place %d is guessed twice or as %d, want %d", at, token, ids[at])
		}
		guessed[at] = true
	})
	for i := range ids {
		switch {
		case !guessed[i] && now[i] != ids[i]:
			t.Errorf("place %d changed and is not guessed", i)
		case guessed[i] && now[i] == mask:
			masked++
		case guessed[i] && now[i] == ids[i]:
			kept++
		}
	}
	if len(guessed) != 300 || m.Count(ids) != 300 {
		t.Errorf("%d places, count %d, want 300 of the 1000 that are not special", len(guessed), m.Count(ids))
	}
	if masked < 220 || masked > 260 || kept < 15 || kept > 50 {
		t.Errorf("%d masked and %d kept of 300, want about 240 and 31", masked, kept)
	}
	if m.Apply(again, 7, func(int, int32) {}); !slices.Equal(now, again) {
		t.Error("the same seed gives another masking")
	}
	if m.Apply(again, 8, func(at int, _ int32) { first8 = append(first8, at) }); slices.Equal(now, again) || slices.Equal(first7, first8) {
		t.Error("another seed gives the same masking, or guesses the same places")
	}
	if last < 900 {
		t.Errorf("no place behind %d is guessed", last)
	}
}

func TestMaskingCounts(t *testing.T) {
	tok := letters(t)
	m, _ := NewMasking(tok, 0.15)
	for text, want := range map[string]int{"": 0, "a": 1, "a b c d": 1, "a b c d e f g h i j": 2} {
		if got := m.Count(tok.Encode(text, 0).IDs); got != want {
			t.Errorf("%d of %q, want %d", got, text, want)
		}
	}
	bare, err := tokenizer.New([]string{"[UNK]", "[CLS]", "[SEP]"}, tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewMasking(bare, 0.15); err == nil {
		t.Error("made without [MASK]")
	}
}

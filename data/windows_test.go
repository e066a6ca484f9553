package data

import (
	"fmt"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/problem"
)

// Ten words in windows of five tokens, three of them words, as Hugging Face's tokenizers
// 0.23 divide them with stride 0, 1 and 2: a window that reaches the end is the last.
func TestWindows(t *testing.T) {
	tok := smallTokenizer(t)
	words := strings.Repeat("a b ", 5)
	id := func(word string) int32 { return tok.Encode(word, 0).IDs[1] }
	spell := func(e *Encoded) string {
		text := ""
		for _, i := range e.IDs {
			text += map[int32]string{id("a"): "a", id("b"): "b", tok.Encode("", 0).IDs[0]: "<", tok.Encode("", 0).IDs[1]: ">"}[i]
		}
		return text
	}
	for stride, want := range []string{"<aba> <bab> <aba> <b>", "<aba> <aba> <aba> <aba> <ab>", "<aba> <bab> <aba> <bab> <aba> <bab> <aba> <bab>"} {
		w := &problem.Window{Stride: stride}
		e := Example{Text: words, Label: 3, Targets: []float64{7}}.EncodeAs(false, tok, 5, w)
		var got []string
		for s := range e.Sequences() {
			got = append(got, spell(s))
			if len(s.Types) != len(s.IDs) {
				t.Errorf("types %v of %v", s.Types, s.IDs)
			}
		}
		if strings.Join(got, " ") != want || e.Label != 3 || e.Targets[0] != 7 || e.IDs != nil || e.Cut != 0 {
			t.Errorf("stride %d: %v, want %s", stride, got, want)
		}
	}
	for _, e := range []Encoded{
		Example{Text: "a b a"}.EncodeAs(false, tok, 5, &problem.Window{}), // which fits
		Example{Text: words}.EncodeAs(false, tok, 5, nil),
		Example{Text: words, Pair: words}.EncodeAs(true, tok, 9, &problem.Window{}),
		Example{Text: words, Options: []string{"a", "b"}}.EncodeAs(false, tok, 9, &problem.Window{}),
	} {
		if e.Windows != nil {
			t.Errorf("%v is divided", e)
		}
	}
}

// Windows apart have the label of their text; a set without any is itself.
func TestApart(t *testing.T) {
	one := func(id int32) Encoded { return Encoded{IDs: []int32{id}, Types: []int32{0}} }
	set := []Encoded{{IDs: []int32{1}, Types: []int32{0}, Label: 1}, {Windows: []Encoded{one(2), one(3)}, Label: 2, Targets: []float64{5}}, {IDs: []int32{4}, Types: []int32{0}}}
	windows, of := Apart(set)
	got := ""
	for _, w := range windows {
		got += fmt.Sprint(w.IDs, w.Label, w.Targets, " ")
	}
	if want := "[1] 1 [] [2] 2 [5] [3] 2 [5] [4] 0 [] "; got != want || fmt.Sprint(of) != "[0 1 1 2]" {
		t.Errorf("%s of %v, want %s", got, of, want)
	}
	if same, of := Apart(set[:1]); of != nil || &same[0] != &set[0] {
		t.Error("a set without windows is another")
	}
	if n := len(Lengths(set)); n != 4 || set[1].Tokens() != 2 {
		t.Errorf("%d sequences, %d tokens", n, set[1].Tokens())
	}
	if Fingerprint(set) == Fingerprint(windows) {
		t.Error("windows together have the fingerprint of windows apart")
	}
}

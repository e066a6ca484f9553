package data

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/problem"
)

// Each word's places hold its pieces, whatever was cut, paired or divided.
func TestEncodeWords(t *testing.T) {
	tok := smallTokenizer(t)
	for _, c := range []struct {
		e      Example
		paired bool
		length int
		window *problem.Window
		want   string // word:part:start-end@sequence.from-to
	}{
		{Example{Text: "a Bd  c"}, false, 0, nil, "a:0:0-1@0.1-2 Bd:0:2-4@0.2-4 c:0:6-7@0.4-5"},
		{Example{Text: "a bd c"}, false, 4, nil, "a:0:0-1@0.1-2 bd:0:2-4@0.2-3"}, // cut within a word
		{Example{Text: "a b", Pair: "c ad"}, true, 0, nil, "a:0:0-1@0.1-2 b:0:2-3@0.2-3 c:1:0-1@0.4-5 ad:1:2-4@0.5-7"},
		{Example{Text: "a b a b a b", Pair: "c a b"}, true, 8, nil, "a:0:0-1@0.1-2 b:0:2-3@0.2-3 a:0:4-5@0.3-4 c:1:0-1@0.5-6 a:1:2-3@0.6-7"},
		{Example{Text: "a [SEP] b", Pair: "a c c"}, true, 6, nil, "a:0:0-1@0.1-2 a:1:0-1@0.3-4 c:1:2-3@0.4-5"}, // which might be of either
		{Example{Text: "a bd c"}, false, 5, &problem.Window{Stride: 1}, "a:0:0-1@0.1-2 bd:0:2-4@0.2-4@1.1-2 c:0:5-6@1.2-3"},
		{Example{Text: "a", Options: []string{"b", "c"}}, false, 0, nil, ""},
	} {
		e := c.e.EncodeWords(c.paired, tok, c.length, c.window)
		var got []string
		for _, w := range e.Words {
			said := fmt.Sprintf("%s:%d:%d-%d", w.Text, w.Part, w.Start, w.End)
			for _, p := range w.Places {
				said += fmt.Sprintf("@%d.%d-%d", p.Sequence, p.From, p.To)
				ids := slices.Collect(e.Sequences())[p.Sequence].IDs[p.From:p.To]
				if pieces := tok.Pieces(w.Text); len(w.Places) == 1 && !slices.Equal(ids, pieces[:len(ids)]) {
					t.Errorf("%q: %v stand where %s does, want %v", c.e.Text, ids, w.Text, pieces)
				}
			}
			got = append(got, said)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%q, %q: %s, want %s", c.e.Text, c.e.Pair, s, c.want)
		}
	}
}

func TestWithoutAWord(t *testing.T) {
	tok := smallTokenizer(t)
	e := Example{Text: "a bd c"}.EncodeWords(false, tok, 5, &problem.Window{Stride: 1})
	before := fmt.Sprint(e.Windows)
	got := e.Without(e.Words[1], 4)
	if s := fmt.Sprint(got.Windows[0].IDs, got.Windows[1].IDs); s != "[2 5 4 4 3] [2 4 7 3]" {
		t.Errorf("windows %s", s)
	}
	one := Example{Text: "a bd c"}.EncodeWords(false, tok, 0, nil)
	if got := one.Without(one.Words[0], 4); fmt.Sprint(got.IDs) != "[2 4 6 8 7 3]" || one.IDs[1] != 5 {
		t.Errorf("%v of %v", got.IDs, one.IDs)
	}
	if after := fmt.Sprint(e.Windows); after != before {
		t.Errorf("the example became %s", after)
	}
}

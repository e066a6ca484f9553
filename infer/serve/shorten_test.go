package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
)

func TestShorten(t *testing.T) {
	for body, want := range map[string]string{
		`{"a": "one two three four five"}`:        `{"a": "one two"}`,
		`["one two three", "x", "four five six"]`: `["one two", "x", "four five"]`,
		`["onetwothreefour", "one two"]`:          "", // no blank; not longer
		`["onetwo éthreefour"]`:                   "", // a blank before what is no ASCII letter
		`["one\"two \" three four"]`:              `["one\"two"`,
		`["one two three four`:                    "", // has no end
		"[\"one two three\nfour\"]":               "", // no string of JSON
		`["one two three \x four"]`:               "",
		`["one two three \u12g4 four"]`:           "",
		`["one two three \`:                       "",
		`["\u0041 b c d e f g"]`:                  `["\u0041 b c"]`,
		`{"one two three four": 1}`:               `{"one two": 1}`,
	} {
		keep := 10
		if strings.HasPrefix(body, `["one\"`) {
			want = "" // the only blanks stand beside a quote
		}
		got, cut := shorten([]byte(body), keep)
		if !cut && want != "" || cut && string(got) != want || json.Valid(got) != json.Valid([]byte(body)) {
			t.Errorf("%s becomes %s, %v, want %q", body, got, cut, want)
		}
	}
}

// What is left of a long text has the tokens that the whole begins with, for every kind of
// tokeniser.
func TestShortTextsHaveTheTokensOfLongOnes(t *testing.T) {
	dirs, _ := filepath.Glob(filepath.Join(os.Getenv("POWERBERT_DATA"), "tokenizers", "*"))
	if os.Getenv("POWERBERT_DATA") == "" || len(dirs) == 0 {
		t.Skip("no tokenizers in POWERBERT_DATA")
	}
	r := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("the film was good don't naïve e\u0301tude 3.14 über-cool 電影 antidisestablishmentarianism\u00a0x … A B ! ,and (why?) <s> [SEP] emoji😀 \t ")
	for _, dir := range dirs {
		tok, err := tokenizer.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			var text []string
			for range 3000 {
				text = append(text, words[r.IntN(len(words))])
			}
			whole := strings.Join(text, " ")
			body, _ := json.Marshal(whole)
			const length, keep = 100, 4096
			short, cut := shorten(body, keep)
			var left string
			if err := json.Unmarshal(short, &left); err != nil || !cut {
				t.Fatalf("%.100s: %v, %v", short, cut, err)
			}
			got, want := tok.Encode(left, length), tok.Encode(whole, length)
			if got.Cut < margin || want.Cut <= got.Cut || !slices.Equal(got.IDs, want.IDs) {
				t.Fatalf("%s: %v of %.100q and %d cut, want %v", filepath.Base(dir), got.IDs, left, got.Cut, want.IDs)
			}
		}
	}
}

// Cut strings change nothing of a text that is too short to be one of them, or has tokens left
// over and is no pair.
func TestWhole(t *testing.T) {
	const keep = 120 // half of it may be 10 characters, all of them escaped
	for _, c := range []struct {
		text, pair, cut int
		paired, want    bool
	}{
		{9, 0, 0, false, true}, {10, 0, 0, false, false}, {10, 0, margin - 1, false, false}, {10, 0, margin, false, true},
		{9, 9, 0, true, true}, {9, 10, margin, true, false}, {10, 9, margin, true, false},
	} {
		a := &predictRequest{texts: []text{{data.Example{Text: strings.Repeat("x", c.text), Pair: strings.Repeat("y", c.pair)}, c.paired}}}
		if got := a.whole([]data.Encoded{{Cut: c.cut}}, keep); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// A large body is answered as a small one with the same first words, and one that cannot be
// shortened as it is.
func TestLargeBodies(t *testing.T) {
	s := server(t, Options{})
	review := strings.Join(reviews(8), " ")
	blank, tail := strings.Repeat(" ", 100_000), strings.Repeat(" good bad", 20_000)
	for name, texts := range map[string][]string{
		"many words":           {review + tail},
		"a pair":               {review + tail, "bad" + tail + " end"},
		"a pair, one is short": {review, "bad" + tail},
		"blanks first":         {blank + review + tail},
		"a word without end":   {strings.Repeat("x", 100_000) + " " + review},
		// Within what is kept the text has fewer tokens than the model reads: what is behind counts.
		"long words first": {strings.Repeat(strings.Repeat("y", 2000)+" ", 4) + "a b " + strings.Repeat("z", 90_000) + " " + review},
	} {
		example := data.Example{Text: texts[0], Pair: texts[len(texts)-1]}
		said, err := s.sole().model.Predict([]data.Encoded{s.sole().model.Encode(example, len(texts) > 1)})
		if err != nil {
			t.Fatal(err)
		}
		var got []teiScore
		decodeJSON(t, ask(s, "POST", "/predict", encodeJSON(t, map[string]any{"inputs": texts})).Body.Bytes(), &got)
		if t.Run(name, func(t *testing.T) { checkScores(t, s.sole().model, got, said[0]) }); len(got) == 0 {
			t.Errorf("%s: no scores", name)
		}
	}
	w := ask(s, "POST", "/predict", encodeJSON(t, map[string]any{"inputs": review + tail, "truncate": false}))
	var tokens int
	var refusal struct{ Error string }
	decodeJSON(t, w.Body.Bytes(), &refusal)
	if n, _ := fmt.Sscanf(refusal.Error, "input 1 has more than %d tokens, want at most 22", &tokens); w.Code != 413 || n != 1 || tokens <= 22 {
		t.Errorf("not to be cut: %d %s", w.Code, w.Body)
	}
	if w := ask(s, "POST", "/predict", `{"inputs": "`+review+tail+`" oops}`); w.Code != 400 {
		t.Errorf("a large body that is not JSON: %d %s", w.Code, w.Body)
	}
	id := `{"id": "` + strings.Repeat("a b ", 30_000) + `", "inputs": [{"name": "text", "datatype": "BYTES", "shape": [1], "data": ["a"]}]}`
	if w := ask(s, "POST", "/v2/models/model/infer", id); w.Code != 400 || !strings.Contains(w.Body.String(), "the id has ") {
		t.Errorf("a long id: %d %s", w.Code, w.Body)
	}
}

// plain stops at nothing but what a string of JSON has to be looked at for, wherever that is.
func TestPlain(t *testing.T) {
	for c := range 256 {
		for at := range 24 {
			s := bytes.Repeat([]byte("~"), 24)
			s[at] = byte(c)
			want := len(s)
			if c < ' ' || c == '"' || c == '\\' {
				want = at &^ 7
			}
			if got := plain(s); got != want {
				t.Errorf("byte %d at %d: %d bytes are plain, want %d", c, at, got, want)
			}
		}
	}
	if got := plain([]byte("1234567")); got != 0 {
		t.Errorf("of 7 bytes %d are plain at once", got)
	}
}

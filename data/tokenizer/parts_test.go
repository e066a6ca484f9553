package tokenizer

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NFC and NFKC are Unicode's, as far as its edition of 9.0 has the characters.
func TestCompose(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for form, name := range map[norm.Form]string{norm.NFC: "NFC", norm.NFKC: "NFKC", norm.NFD: "NFD", norm.NFKD: "NFKD"} {
		f := simpleSteps[name]
		s := new(scratch)
		for r := rune(0x80); r < 0x30000; r++ {
			if 0xD800 <= r && r < 0xE000 || !unicode.Is(assigned9, r) {
				continue
			}
			text := "e" + string(r) + "\u0323\u0301a"
			if got, want := string(f(s, nil, []byte(text))), form.String(text); got != want {
				t.Errorf("%s of %+q is %+q, want %+q", name, text, got, want)
			}
		}
		for _, text := range []string{"\u1100\u1161\u11a8", "\uac00\u11a8", "a\u0301\u0301", "e\u0302\u0323", "\u0041\u030a", "\u0915\u093c", "\u09c7\u09be"} {
			if got, want := string(f(s, nil, []byte(text))), form.String(text); got != want {
				t.Errorf("%s of %+q is %+q, want %+q", name, text, got, want)
			}
		}
	}
}

// A mark that is blocked stays; more than 30 marks in a row are no matter.
func TestComposeLongRuns(t *testing.T) {
	marks := strings.Repeat("\u0327", 40)
	got := string(simpleSteps["NFC"](new(scratch), nil, []byte("e"+marks+"\u0301a\u0301\u0301")))
	if want := "\u0229" + marks[2:] + "\u0301" + "\u00e1\u0301"; got != want {
		t.Errorf("%+q, want %+q", got, want)
	}
}

// spansOf divides text by one divider and shows what comes out.
func spansOf(t *testing.T, p splitJSON, texts ...string) (out []string) {
	t.Helper()
	dividers, err := p.compile()
	if err != nil {
		t.Fatal(err)
	}
	src, s := division{}, new(scratch)
	for _, text := range texts {
		from := len(src.text)
		src.text = append(src.text, text...)
		src.spans = append(src.spans, span{from, len(src.text), from == 0})
	}
	for _, d := range dividers {
		var dst division
		d(s, &dst, &src)
		src = division{slices.Clone(dst.text), slices.Clone(dst.spans)}
	}
	for _, sp := range src.spans {
		word := string(src.text[sp.from:sp.to])
		if sp.first {
			word = "^" + word
		}
		out = append(out, word)
	}
	return out
}

// The behaviors are those of the reference's documentation on "the-final--countdown".
func TestBehaviors(t *testing.T) {
	for behavior, want := range map[string][]string{
		"Removed":            {"^the", "final", "countdown"},
		"Isolated":           {"^the", "-", "final", "-", "-", "countdown"},
		"MergedWithPrevious": {"^the-", "final-", "-", "countdown"},
		"MergedWithNext":     {"^the", "-final", "-", "-countdown"},
		"Contiguous":         {"^the", "-", "final", "--", "countdown"},
	} {
		text := "the-final--countdown"
		for _, p := range []splitJSON{
			{Type: "Punctuation", Behavior: behavior}, {Type: "Split", Behavior: behavior, Pattern: &patternJSON{String: "-"}}, {Type: "Split", Behavior: behavior, Pattern: &patternJSON{Regex: `\W`}},
		} {
			if got := spansOf(t, p, text); !slices.Equal(got, want) {
				t.Errorf("%s %s: %q, want %q", p.Type, behavior, got, want)
			}
		}
	}
}

// Only the start of the whole text is first.
func TestMetaspace(t *testing.T) {
	no := false
	for _, test := range []struct {
		p    splitJSON
		want []string
	}{
		{splitJSON{Scheme: "always"}, []string{"^▁a", "▁b", "▁", "▁c", "▁d"}},
		{splitJSON{Scheme: "first"}, []string{"^▁a", "▁b", "▁", "▁c", "d"}},
		{splitJSON{Scheme: "never"}, []string{"^a", "▁b", "▁", "▁c", "d"}},
		{splitJSON{Prefix: &no}, []string{"^a", "▁b", "▁", "▁c", "d"}},
		{splitJSON{Split: &no}, []string{"^▁a▁b▁▁c", "▁d"}},
	} {
		test.p.Type, test.p.Replacement = "Metaspace", meta
		if got := spansOf(t, test.p, "a b  c", "d"); !slices.Equal(got, test.want) {
			t.Errorf("%+v: %q, want %q", test.p, got, test.want)
		}
	}
	if got, want := spansOf(t, splitJSON{Type: "Metaspace", Replacement: "_"}, " a_b"), []string{"^_a", "_b"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// The examples of openai/gpt-2's encoder.py, and what its expression does at the ends.
func TestByteLevel(t *testing.T) {
	no, yes := false, true
	for text, want := range map[string][]string{
		"Hello world":          {"^Hello", "Ġworld"},
		"we'll 'tis don'ts'":   {"^we", "'ll", "Ġ'", "tis", "Ġdon", "'t", "s", "'"},
		" a  b\n\n c \t":       {"^Ġa", "Ġ", "Ġb", "ĊĊ", "Ġc", "Ġĉ"},
		"x2 ½!?  ":             {"^x", "2", "ĠÂ½", "!?", "ĠĠ"},
		"\u00a0é\u3000":        {"^Âł", "Ã©", "ãĢĢ"},
		"   ":                  {"^ĠĠĠ"},
		"\U0001e5d0a\u1c89 '":  {"^ðŀĹĲaá²ī", "Ġ'"},
		"a\x00b":               {"^a", "Ā", "b"},
		"I'VE they’re a'rea'r": {"^I", "'", "VE", "Ġthey", "âĢĻ", "re", "Ġa", "'re", "a", "'", "r"},
	} {
		if got := spansOf(t, splitJSON{Type: "ByteLevel", Prefix: &no}, text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got, want := spansOf(t, splitJSON{Type: "ByteLevel", Prefix: &yes}, "a b", " c", "d"), []string{"^Ġa", "Ġb", "Ġc", "Ġd"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := spansOf(t, splitJSON{Type: "ByteLevel", UseRegex: &no}, "a b"), []string{"^ĠaĠb"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for b := range 256 {
		if got := textOfBytes(string(byteChars[b])); got != string([]byte{byte(b)}) {
			t.Errorf("byte %d comes back as %q", b, got)
		}
	}
	if got := textOfBytes("a漢"); got != "a漢" {
		t.Errorf("%q, want the piece itself", got)
	}
}

// The expressions mean what Oniguruma makes of them.
func TestPatterns(t *testing.T) {
	const gpt4 = `(?i:'s|'t)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	for _, test := range []struct {
		regex, text string
		want        []string
	}{
		{`\s+`, "a\u00a0\u3000b\u200bc", []string{"\u00a0\u3000"}},
		{`[^\S ]`, "a \t\u2028b", []string{"\t", "\u2028"}},
		{`\w+`, "aé漢_1-²Ⓐ\u200d", []string{"aé漢_1", "²Ⓐ"}},
		{`\W`, "a-b", []string{"-"}},
		{`[\W]`, "a", nil},
		{`\d+`, "1٣²\U00010d41", []string{"1٣", "\U00010d41"}},
		{`\p{L}+`, "a\u1c8aé1", []string{"a\u1c8aé"}},
		{`\P{L}`, "a1\u1c8a", []string{"1"}},
		{`^b`, "ab\nb", []string{"b"}},
		{`\Ab`, "b\nb", []string{"b"}},
		{`\h+`, "xAf9g", []string{"Af9"}},
		{`[\]a]+`, "b]a", []string{"]a"}},
		{gpt4, "Don'T  go 12345!!\n\n\n  x ", []string{"Don", "'T", " ", " go", " ", "123", "45", "!!\n\n\n", " ", " x", " "}},
	} {
		p, err := compileRegex(test.regex)
		if err != nil {
			if test.want != nil {
				t.Error(err)
			}
			continue
		}
		var got []string
		for _, m := range p.matches(new(scratch), []byte(test.text)) {
			got = append(got, test.text[m.from:m.to])
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s in %q: %q, want %q", test.regex, test.text, got, test.want)
		}
	}
}

func TestPatternsNotKnown(t *testing.T) {
	for _, regex := range []string{`a(?=b)`, `(?<!a)b`, `(?>a)`, `a*+`, `a++`, `a?+`, `a{,3}`, `\bword`, `a\Z`, `[a&&b]`, `[[:alpha:]]`, `(?m)a`, `(?<name>a)`, `(a)|\s+(?!\S)|\s+`, `^a|\s+(?!\S)|\s+`, `(?i-m:a)`, `\R`} {
		if _, err := compileRegex(regex); err == nil || !strings.Contains(err.Error(), "which is not known here") {
			t.Errorf("%s: %v, want that it is not known", regex, err)
		}
	}
}

// The steps, one by one, on what they are for.
func TestSteps(t *testing.T) {
	yes, no, x := true, false, "x"
	for _, test := range []struct {
		step     stepJSON
		in, want string
		cut      bool
	}{
		{stepJSON{Type: "Strip"}, " \u3000a b\n", "a b", true},
		{stepJSON{Type: "Strip", Left: &no, Right: &yes}, " a ", " a", false},
		{stepJSON{Type: "Strip", Left: &yes, Right: &no}, "a ", "a ", false},
		{stepJSON{Type: "Prepend", Prepend: &x}, "a", "xa", false},
		{stepJSON{Type: "Prepend", Prepend: &x}, "", "", false},
		{stepJSON{Type: "Nmt"}, "\x01a\tb\u200bc\u2581d\ufeff\ufffd\x7f\u008f", "a b c d  ", true},
		{stepJSON{Type: "Lowercase"}, "ÀİΣ A", "ài\u0307σ a", false},
		{stepJSON{Type: "StripAccents"}, "e\u0301\u0903a", "ea", false},
		{stepJSON{Type: "StripAccents"}, "\u0301e", "e", true},
		{stepJSON{Type: "ByteLevel"}, "é ", "Ã©Ġ", false},
		{replaceStep(patternJSON{String: "aa"}, "b"), "aaaaa", "bba", false},
		{replaceStep(patternJSON{Regex: "a*"}, "-"), "baac", "-b-c-", false},
		{*sequence(stepJSON{Type: "NFD"}, *sequence(stepJSON{Type: "StripAccents"})), "é", "e", false},
		{stepJSON{Type: "BertNormalizer", Lower: &no, Clean: &yes}, "\x00É漢", "É 漢 ", true},
	} {
		steps, err := test.step.compile()
		if err != nil {
			t.Fatal(err)
		}
		s, got := new(scratch), []byte(test.in)
		for _, f := range steps {
			got = f(s, nil, got)
		}
		if string(got) != test.want || s.cutStart != test.cut {
			t.Errorf("%s: %q becomes %q, want %q; cut at the start %v, want %v", test.step.Type, test.in, got, test.want, s.cutStart, test.cut)
		}
	}
}

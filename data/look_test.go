package data

import (
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func look(t *testing.T, name, content string) *Look {
	t.Helper()
	l, err := LookAt(write(t, name, content))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Which column is what is seen from names, where they say it, and from values.
func TestColumnsAreGuessed(t *testing.T) {
	many := &strings.Builder{}
	many.WriteString("n,words,kind,grade\n")
	for i := range 60 {
		fmt.Fprintf(many, "%d,some words number %d,%s,%d.5\n", i, i, []string{"a", "b", "c"}[i%3], i)
	}
	for _, row := range []struct {
		name, file, content string
		format              string
		told                bool
		rows                int
		text                []string
		label               string
	}{
		{"by names", "a.csv", "title,Text,label\nshort,\"a, longer\ntext\",x\nt,u,y\nt,u,x\n", CSV, true, 3, []string{"Text"}, "label"},
		{"by values", "a.csv", many.String(), CSV, true, 60, []string{"words"}, "kind"},
		{"a pair", "a.tsv", "premise\thypothesis\tgold\na\tb\ty\nc\td\tn\ne\tf\ty\ng\th\tn\n", TSV, true, 4, []string{"premise", "hypothesis"}, "gold"},
		{"another suffix", "a.csv", "text\tlabel\na b c\tx\na b d\ty\na b d\ty\n", TSV, false, 3, []string{"text"}, "label"},
		{"semicolons", "a.csv", "text;label\na, b c d;x\n\"a; b\";y\nc;y\n", CSV, true, 3, []string{"text"}, "label"},
		{"no suffix", "a", "text,label\na b c,x\na b d,y\na,y\n", CSV, false, 3, []string{"text"}, "label"},
		{"json", "a.jsonl", `{"id":1,"label":true,"tags":["a"],"text":"a b c d"}` + "\n" + `{"id":2,"label":false,"text":"e"}` + "\n" + `{"text":"f","label":true}` + "\n", JSONL, true, 3, []string{"text"}, "label"},
		{"an array", "a.json", "[\n {\"label\": \"x\", \"text\": \"a b c d\"},\n {\"text\": \"e\",\n  \"label\": \"y\"}, {\"text\": \"f\", \"label\": \"x\"}\n]\n", JSON, true, 3, []string{"text"}, "label"},
		{"objects in a row", "a.json", `{"label":"x","text":"a b c d"}` + "\n" + `{"label":"y","text":"e"}` + "\n" + `{"label":"x","text":"f"}`, JSON, true, 3, []string{"text"}, "label"},
		{"objects over lines", "a.jsonl", "{\n\"label\":\"x\",\n\"text\":\"a b c d\"}\n{\"label\":\"y\",\"text\":\"e\"}\n{\"label\":\"x\",\"text\":\"f\"}", JSON, false, 3, []string{"text"}, "label"},
		{"lists", "a.jsonl", `{"id":1,"tags":["a"],"words":"a b c d"}` + "\n" + `{"id":2,"tags":[],"words":"e"}` + "\n" + `{"id":3,"tags":["a","b"],"words":"f"}` + "\n" + `{"id":4,"tags":null,"words":"g"}` + "\n", JSONL, true, 4, []string{"words"}, "tags"},
		{"lists of one label", "a.jsonl", `{"tags":["a"],"kind":"x"}` + "\n" + `{"tags":[],"kind":"y"}` + "\n" + `{"tags":["a"],"kind":"x"}` + "\n" + `{"tags":["a"],"kind":"x"}` + "\n", JSONL, true, 4, nil, "kind"},
		{"lists by values", "a.csv", "words,kinds\na b c d,x;y\na;b c d,y\nc,\nd,x\ne,z; x\nf,\ng,z\n", CSV, true, 7, []string{"words"}, "kinds"},
		{"gzip", "a.csv.gz", zip(t, "text,y\na b c,0\nd,1\ne,1\n"), CSV, true, 3, []string{"text"}, "y"},
		{"a label that not every row has", "a.csv", "text,label\na b c d,x\na,\nb,y\nc,y\n", CSV, true, 4, []string{"text"}, ""},
		{"nothing to choose from", "a.csv", "id,text\n1,a\n2,b\n3,c\n", CSV, true, 3, []string{"text"}, ""},
	} {
		l := look(t, row.file, row.content)
		label := l.Label()
		if l.Format != row.format || l.Told != row.told || l.Rows != row.rows || label != row.label || !reflect.DeepEqual(l.Text(label), row.text) {
			t.Errorf("%s: %s, told %v, %d rows, text %v, label %q", row.name, l.Format, l.Told, l.Rows, l.Text(label), label)
		}
	}
}

// What separates columns is told where it is no comma or tab.
func TestDelimitersAreSeen(t *testing.T) {
	for header, want := range map[string]string{"a,b;c,d": "", "a;b,c;d": ";", "a|b": "|", "a\tb;c": ""} {
		if l := look(t, "a.csv", header+"\n"+header+"\n"); l.Comma != want {
			t.Errorf("%q: %q, want %q", header, l.Comma, want)
		}
	}
}

// Labels that stand in one cell are told from labels with such a sign: taken apart they are
// no more than before, and one of a list stands elsewhere, too.
func TestListsAreSeen(t *testing.T) {
	for _, row := range []struct {
		name   string
		values []string
		want   string // separator and labels; "": none
	}{
		{"semicolons", []string{"a;b", "b", "", "a ; c", "c"}, `";" a 2 b 2 c 2`},
		{"bars", []string{"a|b", "b", "a"}, `"|" a 2 b 2`},
		{"commas", []string{"a, b", "b", "a,c", "c", "b"}, `"," a 2 b 3 c 2`},
		{"arrays", []string{`["a", "b;c"]`, `[]`, "", `["a"]`}, `"" a 2 b;c 1`},
		{"numbers in arrays", []string{"[1, 2]", "[2]"}, `"" 1 1 2 2`},
		{"all pairs", []string{"a;b", "b;c", "c;a"}, `";" a 2 b 2 c 2`},
		{"one label", []string{"a", "b", "a"}, ""},
		{"a sign in a label", []string{"yes", "no", "maybe; later", "yes"}, ""},
		{"places", []string{"Paris, France", "Lyon, France", "Rome, Italy"}, ""},
		{"the same list in every row", []string{"a;b", "a;b", "c"}, ""},
		{"apart at a sign of which none recurs", []string{"a;b", "c", "d", "e"}, ""},
		{"numbers", []string{"1", "2", "1"}, ""},
		{"not all arrays", []string{`["a"]`, `["b"]`, "a"}, ""},
		{"arrays of arrays", []string{`[["a"]]`, `["b"]`}, ""},
		{"arrays of one label", []string{`["a"]`, `[]`}, ""},
		{"nothing", []string{"", ""}, ""},
	} {
		content := &strings.Builder{}
		content.WriteString("text\tlabel\n")
		for _, v := range row.values {
			fmt.Fprintf(content, "t\t%s\n", v)
		}
		got := ""
		if l := look(t, "a.tsv", content.String()).Column("label").Lists(); l != nil {
			got = strconv.Quote(l.Separator)
			for _, label := range slices.Sorted(maps.Keys(l.Rows)) {
				got += fmt.Sprintf(" %s %d", label, l.Rows[label])
			}
		}
		if got != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
}

func TestScoresAreSeen(t *testing.T) {
	for _, row := range []struct {
		values string
		want   bool
	}{
		{"1 2 3 4 5 5", false}, {"0.5 1.5 0.5", false}, {"x y 3.5", false},
		{"0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1.0 1.1", true}, {"1 2 3 4 5 6 7 8 9 10 11", false},
	} {
		l := look(t, "a.csv", "text,score\nt,"+strings.Join(strings.Fields(row.values), "\nt,")+"\n")
		if got := l.Column("score").Scores(); got != row.want {
			t.Errorf("%s are scores: %v, want %v", row.values, got, row.want)
		}
	}
}

// Rows of 1, 2 … 20 words: half have 10 at most, 95 % have 19.
func TestLengthsOfColumns(t *testing.T) {
	text := &strings.Builder{}
	text.WriteString("text,label\n")
	for n := 1; n <= 20; n++ {
		fmt.Fprintf(text, "%s,x\n", strings.Repeat("word ", n))
	}
	c := look(t, "a.csv", text.String()).Column("text")
	if c.Words() != 10.5 || c.WordsOf(50) != 10 || c.WordsOf(95) != 19 || c.WordsOf(100) != 20 {
		t.Errorf("mean %g, %d, %d, %d words", c.Words(), c.WordsOf(50), c.WordsOf(95), c.WordsOf(100))
	}
	for text, want := range map[string]int{"don't stop.": 5, "日本語 text": 4, "": 0, "naïve café": 2} {
		if got := words(text); got != want {
			t.Errorf("%q: %d words, want %d", text, got, want)
		}
	}
}

func TestWhatCannotBeLookedAt(t *testing.T) {
	for _, row := range []struct{ name, content, want string }{
		{"a.txt", "one\ntwo\n", "has no columns, want commas, tabs, semicolons or bars between them, or JSON objects"},
		{"a.csv", "a,b\n", "has no row that can be read"},
		{"a.jsonl", "{\"a\":\n", "is not a JSON object"},
		{"a.csv", "a,a\n1,2\n", `the header has two columns "a", want one`},
	} {
		if _, err := LookAt(write(t, row.name, row.content)); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%q: %v, want %s", row.content, err, row.want)
		}
	}
	if l := look(t, "a.csv", "text,label\na,b,c\na,b\n"); l.Rows != 1 || len(l.Skipped) != 1 || l.Skipped[0].Line != 2 {
		t.Errorf("%+v", l)
	}
}

// Columns of Parquet are those of its schema, a list as one of them; null is nothing.
func TestParquetIsLookedAt(t *testing.T) {
	for name, told := range map[string]bool{"t.parquet": true, "t": false} {
		path := filepath.Join(t.TempDir(), name)
		parquetFile(t, path, 60)
		l, err := LookAt(path)
		if err != nil {
			t.Fatal(err)
		}
		if l.Format != Parquet || l.Told != told || l.Rows != 60 || l.Label() != "stars" {
			t.Errorf("%s: %s, told %v, %d rows, label %q", name, l.Format, l.Told, l.Rows, l.Label())
		}
		tags, body := l.Column("tags"), l.Column("review.body")
		if tags == nil || body == nil || body.Filled != 59 || !maps.Equal(tags.Values, map[string]int{`["x"]`: 20, "[]": 40}) {
			t.Errorf("%s: tags %+v, body %+v", name, tags, body)
		}
	}
	if _, err := LookAt(write(t, "a.parquet", "text,label\n")); err == nil || !strings.Contains(err.Error(), "is no Parquet file") {
		t.Errorf("a text is looked at as Parquet: %v", err)
	}
}

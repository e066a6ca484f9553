package data

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

// texts reads all texts of a source.
func texts(src TextSource) ([]Example, *Texts, error) {
	t, err := OpenTexts(src)
	if err != nil {
		return nil, nil, err
	}
	defer t.Close()
	var all []Example
	for {
		e, err := t.Next()
		if err == io.EOF {
			return all, t, nil
		}
		if err != nil {
			return all, t, err
		}
		all = append(all, e)
	}
}

func TestTextsOfEveryFormat(t *testing.T) {
	for _, test := range []struct {
		name, file, content, format string
		text                        []string
		want                        []Example
	}{
		{"lines, blank ones too", "a.txt", "\ufeffone, \"two\"\r\n\n{}", "", nil,
			[]Example{{Text: `one, "two"`, Line: 1}, {Text: "", Line: 2}, {Text: "{}", Line: 3}}},
		{"lines, whatever the suffix", "a.csv", "a,b\n", Lines, nil, []Example{{Text: "a,b", Line: 1}}},
		{"gzip", "a", zip(t, "one\ntwo\n"), "", nil, []Example{{Text: "one", Line: 1}, {Text: "two", Line: 2}}},
		{"csv", "a.csv", "n,text\n1,\"a\nb\"\n\n2,c\n", "", []string{"text"}, []Example{{Text: "a\nb", Line: 2}, {Text: "c", Line: 5}}},
		{"csv by another name", "a.txt", "text\na\n", CSV, []string{"text"}, []Example{{Text: "a", Line: 2}}},
		{"tsv pairs", "a.tsv.gz", zip(t, "b\ta\n1\t2\n"), "", []string{"a", "b"}, []Example{{Text: "2", Pair: "1", Line: 2}}},
		{"jsonl, where a text is a string", "a.jsonl", `{"a":"x","label":null}`, "", []string{"a"}, []Example{{Text: "x", Line: 1}}},
		{"nothing", "a.txt", "", "", nil, nil},
		{"a header alone", "a.csv", "text\n", "", []string{"text"}, nil},
	} {
		got, _, err := texts(TextSource{Path: write(t, test.file, test.content), Format: test.format, Text: test.text})
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %+v, %v, want %+v", test.name, got, err, test.want)
		}
	}
	got, _, err := texts(TextSource{Path: "-", Input: strings.NewReader(zip(t, "one\n"))})
	if want := []Example{{Text: "one", Line: 1}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("standard input: %+v, %v, want %+v", got, err, want)
	}
}

func TestTextsStopAtMalformedRows(t *testing.T) {
	path := write(t, "a.jsonl", "{\"a\":\"x\"}\n{\"a\":1}\n\xff\n{\"a\":\"y\"}\n")
	src := TextSource{Path: path, Text: []string{"a"}}
	before, _, err := texts(src)
	wantError(t, err, path, 2, `has a "a" that is a number, want a string`)
	if len(before) != 1 {
		t.Errorf("%d texts before the malformed row, want 1", len(before))
	}
	src.SkipMalformed = true
	all, reader, err := texts(src)
	if err != nil || len(all) != 2 || reader.Skipped != 2 || len(reader.Named) != 2 || reader.Named[1].Line != 3 {
		t.Errorf("skipping: %+v, skipped %d, %v, %v", all, reader.Skipped, reader.Named, err)
	}
	_, _, err = texts(TextSource{Path: "-", Input: strings.NewReader("a\n\xe4\n")})
	wantError(t, err, "standard input", 2, string(notUTF8))
	half := zip(t, strings.Repeat("a rather long row of text\n", 5000))
	if _, _, err = texts(TextSource{Path: write(t, "a.gz", half[:len(half)/2])}); err == nil || !strings.Contains(err.Error(), "truncated") {
		t.Errorf("truncated gzip: %v", err)
	}
}

// Lines that begin with the header of a table that is known are no texts; a line that has its
// word is one.
func TestTextsAreNoTable(t *testing.T) {
	for first, refused := range map[string]bool{"id,text,label": true, "\"label\"\ttext ": true, "text": true, "a text, and more": false, "label": false, "texts,label": false} {
		for line, content := range []string{first + "\na\n", "a\n" + first + "\n"} {
			_, _, err := texts(TextSource{Path: "-", Input: strings.NewReader(content), Columns: []string{"text"}})
			if refused && line == 0 {
				wantError(t, err, "standard input", 1, `is the header of a table with the columns "text"; tell the format: csv, tsv, jsonl, json or parquet`)
			} else if err != nil {
				t.Errorf("%q: %v", content, err)
			}
		}
	}
	if _, _, err := texts(TextSource{Path: "-", Input: strings.NewReader("text,label\n")}); err != nil {
		t.Errorf("columns that nobody knows: %v", err)
	}
}

// Columns come along as they are, of JSONL as JSON; a text may be kept, too.
func TestTextsKeepColumns(t *testing.T) {
	for _, test := range []struct {
		name, file, content string
		text, keep          []string
		want                [][]string
	}{
		{"csv", "a.csv", "id,text,n\n1,\"a\nb\",\"x \"\"y\"\"\"\n,c,\n", []string{"text"}, []string{"n", "id", "text"},
			[][]string{{`x "y"`, "1", "a\nb"}, {"", "", "c"}}},
		{"tsv pairs", "a.tsv", "b\tid\ta\n1\t7\t2\n", []string{"a", "b"}, []string{"id"}, [][]string{{"7"}}},
		{"jsonl", "a.jsonl", `{"t":"x","id":1.50,"tags":["a",null]}` + "\n" + `{"t":"y","id":"<&>"}` + "\n", []string{"t"}, []string{"id", "tags", "t"},
			[][]string{{"1.50", `["a",null]`, `"x"`}, {`"<&>"`, "null", `"y"`}}},
		{"lines", "a.txt", "one\n\n", nil, []string{"text"}, [][]string{{"one"}, {""}}},
	} {
		got, _, err := texts(TextSource{Path: write(t, test.file, test.content), Text: test.text, Keep: test.keep})
		var kept [][]string
		for _, e := range got {
			kept = append(kept, e.Kept)
		}
		if err != nil || !reflect.DeepEqual(kept, test.want) {
			t.Errorf("%s: %q, %v, want %q", test.name, kept, err, test.want)
		}
	}
}

// However many rows are malformed, only the first are remembered.
func TestTextsNameTheFirstMalformedRows(t *testing.T) {
	path := write(t, "a.jsonl", strings.Repeat("[]\n", MostNamed+5))
	_, reader, err := texts(TextSource{Path: path, Text: []string{"a"}, SkipMalformed: true})
	if err != nil || reader.Skipped != MostNamed+5 || len(reader.Named) != MostNamed {
		t.Errorf("skipped %d and named %d, %v, want %d and %d", reader.Skipped, len(reader.Named), err, MostNamed+5, MostNamed)
	}
}

func TestTextsThatCannotBeOpened(t *testing.T) {
	table := write(t, "a.csv", "text,other\n")
	for _, test := range []struct {
		src    TextSource
		text   string
		ofFile bool
	}{
		{TextSource{Path: "-", Format: Parquet, Text: []string{"text"}}, "a Parquet file is read from its end", false},
		{TextSource{Path: table}, "0 text columns are named of a csv file, want one, or two for pairs", false},
		{TextSource{Path: table, Text: []string{"a", "b", "c"}}, "3 text columns are named", false},
		{TextSource{Path: "-", Text: []string{"a"}}, `plain lines have no column "a"; tell the format: csv, tsv, jsonl, json or parquet`, false},
		{TextSource{Path: "-", Format: "xml"}, `the format is "xml", want lines, csv, tsv, jsonl, json or parquet`, false},
		{TextSource{Path: table, Text: []string{"review"}}, `the header has no column "review"`, true},
		{TextSource{Path: table, Text: []string{"text"}, Keep: []string{"id"}}, `the header has no column "id"`, true},
		{TextSource{Path: "-", Keep: []string{"id"}}, `plain lines have no column to keep but "text"`, false},
		{TextSource{Path: "x", Format: RACE, Keep: []string{"id"}}, `the passages of RACE have no column "id" to keep`, false},
		{TextSource{Path: table + "x"}, "no such file", true},
	} {
		_, err := OpenTexts(test.src)
		var file *Error
		if err == nil || !strings.Contains(err.Error(), test.text) || errors.As(err, &file) != test.ofFile {
			t.Errorf("%+v: %v, want %s", test.src, err, test.text)
		}
	}
}

// A pipe's first line is read before there is a second.
func TestOpenTextsWaitsForNoMore(t *testing.T) {
	r, w := io.Pipe()
	go w.Write([]byte("good\n"))
	texts, err := OpenTexts(TextSource{Path: "-", Input: r})
	if err != nil {
		t.Fatal(err)
	}
	if e, err := texts.Next(); err != nil || e.Text != "good" {
		t.Errorf("%q, %v", e.Text, err)
	}
	w.Close()
}

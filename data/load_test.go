package data

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// write puts a file into a temporary folder.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func zip(t *testing.T, content string) string {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func single() Source {
	return Source{Task: TaskTable, Text: []string{"text"}, Label: "label"}
}

func pairs() Source {
	return Source{Task: TaskTable, Text: []string{"a", "b"}, Label: "label"}
}

func TestLoadFileReadsEveryFormat(t *testing.T) {
	cola := Source{Task: TaskCoLA}
	long := strings.Repeat("very ", 60000) + "long"
	tests := []struct {
		name, file, content string
		src                 Source
		labels              []string
		want                []Example
	}{
		{"sst2", "a.tsv", "sentence\tlabel\nno wit \t0\na \"gem\t1\n", Source{Task: TaskSST2}, []string{"0", "1"},
			[]Example{{Text: "no wit ", Label: 0, Line: 2}, {Text: `a "gem`, Label: 1, Line: 3}}},
		{"cola", "a.tsv", "gj04\t1\t\tOur friends.\ngj04\t0\t*\tThem \"us.\n", cola, []string{"0", "1"},
			[]Example{{Text: "Our friends.", Label: 1, Line: 1}, {Text: `Them "us.`, Label: 0, Line: 2}}},
		{"cola as csv has a header", "a.csv", "sentence,label\nHe.,1\n", cola, []string{"0", "1"},
			[]Example{{Text: "He.", Label: 1, Line: 2}}},
		{"csv quoting", "a.csv", "label,text\nx,\"one, \"\"two\"\"\nthree\"\ny,four\n", single(), []string{"x", "y"},
			[]Example{{Text: "one, \"two\"\nthree", Label: 0, Line: 2}, {Text: "four", Label: 1, Line: 4}}},
		{"csv pairs, crlf, blank lines", "a.csv", "a,b,label\r\n\r\np,q,1\r\n\r\nr,,0\r\n", pairs(), []string{"0", "1"},
			[]Example{{Text: "p", Pair: "q", Label: 1, Line: 3}, {Text: "r", Pair: "", Label: 0, Line: 5}}},
		{"tsv, byte-order mark, no last line end", "a.tsv", "\ufefftext\tlabel\r\n\r\nx\tb \r\ny\ta", single(), []string{"a", "b"},
			[]Example{{Text: "x", Label: 1, Line: 3}, {Text: "y", Label: 0, Line: 4}}},
		{"jsonl", "a.jsonl", `{"label":2,"text":"é\n","more":[1]}` + "\n \n" + `{"text":"","label":10}`, single(), []string{"2", "10"},
			[]Example{{Text: "é\n", Label: 0, Line: 1}, {Text: "", Label: 1, Line: 3}}},
		{"jsonl labels that are strings and booleans", "a.ndjson", "{\"text\":\"t\",\"label\":true}\n{\"text\":\"f\",\"label\":\"false\"}\n", single(),
			[]string{"false", "true"}, []Example{{Text: "t", Label: 1, Line: 1}, {Text: "f", Label: 0, Line: 2}}},
		{"gzip by content", "a.csv.gz", zip(t, "text,label\nu,1\n"), single(), []string{"1"}, []Example{{Text: "u", Line: 2}}},
		{"gzip under another name", "a.tsv", zip(t, "text\tlabel\nu\t1\n"), single(), []string{"1"}, []Example{{Text: "u", Line: 2}}},
		{"a very long line", "a.tsv", "text\tlabel\n" + long + "\t1\n", single(), []string{"1"}, []Example{{Text: long, Line: 2}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			set, err := LoadFile(test.src, write(t, test.file, test.content), nil)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(set.Labels, test.labels) {
				t.Errorf("labels %q, want %q", set.Labels, test.labels)
			}
			if !reflect.DeepEqual(set.Examples, test.want) {
				t.Errorf("got %+v\nwant %+v", set.Examples, test.want)
			}
			if set.Paired != (len(test.src.Text) == 2) {
				t.Errorf("paired is %v", set.Paired)
			}
		})
	}
}

func TestFormatOfTheSourceBeatsTheSuffix(t *testing.T) {
	src := single()
	src.Format = TSV
	set, err := LoadFile(src, write(t, "a.csv", "text\tlabel\nx, y\t1\n"), nil)
	if err != nil || set.Examples[0].Text != "x, y" {
		t.Fatalf("got %+v, %v", set, err)
	}
}

// malformedFiles are files with one bad row between good ones, and what is said of it.
var malformedFiles = []struct {
	name, file, content string
	src                 Source
	line                int
	reason              string
}{
	{"too few columns", "a.tsv", "text\tlabel\nx\t1\nbad\ny\t0\n", single(), 3, "column count is 1, want 2"},
	{"too many columns", "a.csv", "text,label\nx,1\nbad,1,2\ny,0\n", single(), 3, "column count is 3, want 2"},
	{"stray quote", "a.csv", "text,label\nx,1\nb\"ad,1\ny,0\n", single(), 3, "has a quote within an unquoted field; quote the field and double the quotes in it (line 3, byte 2)"},
	{"text after a quote", "a.csv", "text,label\nx,1\n\"b\"ad,1\ny,0\n", single(), 3, "has a quoted field that does not end, or goes on after its closing quote (line 3, byte 3)"},
	{"not utf-8 (tsv)", "a.tsv", "text\tlabel\nx\t1\nb\xe9\t1\ny\t0\n", single(), 3, string(notUTF8)},
	{"not utf-8 (csv)", "a.csv", "text,label\nx,1\nb\xe9,1\ny,0\n", single(), 3, string(notUTF8)},
	{"not utf-8 (jsonl)", "a.jsonl", "{\"text\":\"x\",\"label\":1}\n{\"text\":\"\xe9\",\"label\":1}\n{\"text\":\"y\",\"label\":0}", single(), 2, string(notUTF8)},
	{"empty label", "a.csv", "text,label\nx,1\nbad, \ny,0\n", single(), 3, "has an empty label"},
	{"cut json", "a.jsonl", "{\"text\":\"x\",\"label\":1}\n{\"text\":\n{\"text\":\"y\",\"label\":0}", single(), 2, "is not a JSON object: unexpected end of JSON input"},
	{"json of another kind", "a.jsonl", "{\"text\":\"x\",\"label\":1}\n[1]\n{\"text\":\"y\",\"label\":0}", single(), 2,
		"is an array, want a JSON object"},
	{"no such key", "a.jsonl", "{\"text\":\"x\",\"label\":1}\n{\"test\":\"\",\"label\":1}\n{\"text\":\"y\",\"label\":0}", single(), 2, `has no key "text"`},
	{"text is a number", "a.jsonl", "{\"text\":\"x\",\"label\":1}\n{\"text\":3,\"label\":1}\n{\"text\":\"y\",\"label\":0}", single(), 2, `has a "text" that is a number, want a string`},
	{"label is null", "a.jsonl", "{\"text\":\"x\",\"label\":1}\n{\"text\":\"\",\"label\":null}\n{\"text\":\"y\",\"label\":0}", single(), 2, `has a "label" that is null, want a string`},
}

func TestMalformedRowStops(t *testing.T) {
	for _, test := range malformedFiles {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, test.file, test.content)
			_, err := LoadFile(test.src, path, nil)
			var placed *Error
			if !errors.As(err, &placed) || placed.File != path || placed.Line != test.line || placed.Err.Error() != test.reason {
				t.Fatalf("got %v\nwant line %d: %s", err, test.line, test.reason)
			}
		})
	}
}

func TestMalformedRowIsSkippedAndCounted(t *testing.T) {
	for _, test := range malformedFiles {
		t.Run(test.name, func(t *testing.T) {
			test.src.SkipMalformed = true
			set, err := LoadFile(test.src, write(t, test.file, test.content), nil)
			if err != nil {
				t.Fatal(err)
			}
			if want := []Malformed{{test.line, test.reason}}; !reflect.DeepEqual(set.Skipped, want) {
				t.Errorf("skipped %v, want %v", set.Skipped, want)
			}
			if len(set.Examples) != 2 || set.Examples[0].Text != "x" || set.Examples[1].Text != "y" {
				t.Errorf("got %+v, want x and y", set.Examples)
			}
		})
	}
}

func writeTo(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

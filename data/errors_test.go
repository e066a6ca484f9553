package data

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wantError checks the file, line and text of a data error.
func wantError(t *testing.T, err error, path string, line int, text string) {
	t.Helper()
	var placed *Error
	if !errors.As(err, &placed) {
		t.Fatalf("got %v, want a data error: %s", err, text)
	}
	if placed.File != path || placed.Line != line || !strings.Contains(placed.Err.Error(), text) {
		t.Errorf("got  %v\nwant %s:%d: %s", err, path, line, text)
	}
}

func TestBadFiles(t *testing.T) {
	numbers := single()
	numbers.Labels = []string{"0", "1"}
	twice := pairs()
	rows := strings.Repeat("a rather long row of text\t1\n", 5000)
	half := zip(t, "text\tlabel\n"+rows)
	half = half[:len(half)/2]
	sumless := zip(t, "text\tlabel\nx\t1\n")
	sumless = sumless[:len(sumless)-8] + "12345678"
	tests := []struct {
		name, file, content string
		src                 Source
		line                int
		text                string
	}{
		{"empty tsv", "a.tsv", "", single(), 0, `is empty, want a header with the columns "text", "label"`},
		{"empty csv", "a.csv", "\n\n", single(), 0, `is empty, want a header with the columns "text", "label"`},
		{"empty jsonl", "a.jsonl", "\n", single(), 0, "holds no examples (0 malformed rows)"},
		{"header alone", "a.csv", "text,label\n", single(), 0, "holds no examples (0 malformed rows)"},
		{"no such column", "a.csv", "\nsentence,label\nx,1\n", single(), 2, `the header has no column "text", only "sentence", "label"`},
		{"column twice", "a.tsv", "a\tb\ta\tlabel\n", twice, 1, `the header has two columns "a", want one`},
		{"bad quoting in the header", "a.csv", "te\"xt,label\n", single(), 1, "has a quote within an unquoted field"},
		{"header in UTF-16", "a.tsv", "\xff\xfet\x00\n", single(), 1, string(notUTF8)},
		{"unknown label", "a.csv", "text,label\nx,1\ny,2\n", numbers, 3, `label "2" is not one of "0", "1"`},
		{"unknown format", "a.txt", "text,label\n", single(), 0, "the suffix tells no format; set data.format to csv, tsv, jsonl or json"},
		{"truncated gzip", "a.tsv.gz", half, single(), -1, "the gzip or zstd stream ends in the middle; the file is truncated"},
		{"truncated gzip header", "a.tsv.gz", half[:4], single(), 0, "the gzip or zstd stream ends in the middle; the file is truncated"},
		{"damaged gzip header", "a.tsv.gz", "\x1f\x8b text that is no gzip", single(), 0, "gzip: invalid header"},
		{"wrong checksum", "a.tsv.gz", sumless, single(), 3, "gzip: invalid checksum"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, test.file, test.content)
			_, err := LoadFile(test.src, path, nil)
			var placed *Error
			if test.line < 0 && errors.As(err, &placed) && placed.Line > 1 {
				test.line = placed.Line // wherever the stream ends
			}
			wantError(t, err, path, test.line, test.text)
		})
	}
}

func TestSkippingDoesNotHideABadFile(t *testing.T) {
	src := single()
	src.SkipMalformed = true
	tests := []struct {
		name, content string
		line          int
		text          string
	}{
		{"bad header", "te\"xt,label\nx,1\n", 1, "has a quote within"},
		{"quote that swallows the rest", "text,label\nx,1\n\"y,0\nz,1\n", 3, "a quoted field that begins in this row does not end before line 4, the last"},
		{"nothing but malformed rows", "text,label\nx\ny\n", 0, "holds no examples (2 malformed rows)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, "a.csv", test.content)
			_, err := LoadFile(src, path, nil)
			wantError(t, err, path, test.line, test.text)
		})
	}
}

func TestFilesThatCannotBeOpened(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "x.csv")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := LoadFile(single(), folder, nil)
	wantError(t, err, folder, 0, "is a directory")
	absent := filepath.Join(folder, "absent.csv")
	_, err = LoadFile(single(), absent, nil)
	wantError(t, err, absent, 0, "no such file or directory")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
}

func TestSourcesThatMakeNoSense(t *testing.T) {
	tests := []struct {
		name string
		src  Source
		text string
	}{
		{"task", Source{Task: "sst3"}, `data.task is "sst3", want cola, imdb, mnli-m, mnli-mm, mrpc, qnli, qqp, race, rte, sst2, stsb, table or demo`},
		{"format", Source{Task: TaskTable, Train: "a", Dev: "b", Format: "xml", Text: []string{"a"}, Label: "l"},
			`data.format is "xml", want csv, tsv, jsonl or json`},
		{"no text", Source{Task: TaskTable, Train: "a", Dev: "b", Label: "l"}, "data.text names 0 columns, want one, or two for pairs"},
		{"no label", Source{Task: TaskTable, Train: "a", Dev: "b", Text: []string{"a"}}, "data.label is empty, want the name of the label column"},
		{"no train", Source{Task: TaskTable, Dev: "a", Text: []string{"a"}, Label: "l"}, `data.train is empty, want the training file`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Load(test.src); err == nil || err.Error() != test.text {
				t.Errorf("got %v, want %s", err, test.text)
			}
		})
	}
}

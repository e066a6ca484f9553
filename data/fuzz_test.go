package data

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever a file holds, reading it ends, does not panic, gives valid texts and
// labels, and names every problem's line.
func FuzzLoad(f *testing.F) {
	for _, test := range malformedFiles {
		f.Add(test.content, true)
	}
	f.Add("\ufefftext,label\r\n\"a\nb\",1\r\n", false)
	f.Add("[{\"text\": \"a\", \"label\": 1},\n3]", true)
	f.Add("\x1f\x8b\x08\x00", false)
	f.Fuzz(func(t *testing.T, content string, skip bool) {
		for _, format := range []string{CSV, TSV, JSONL, JSON} {
			set, err := loadString(content, format, skip)
			var placed *Error
			if err != nil && !errors.As(err, &placed) {
				t.Fatalf("%s: %v is not a data error", format, err)
			}
			if err == nil {
				checkSet(t, set, skip, format == JSON)
			}
		}
	})
}

func loadString(content, format string, skip bool) (*Set, error) {
	text, err := plain(strings.NewReader(content))
	if err != nil {
		return nil, readError("fuzz", 0, err)
	}
	lay := layout{format: format, text: []string{"text"}, label: "label"}
	part, err := readText(text, "fuzz", lay, skip)
	if err != nil {
		return nil, err
	}
	return join([]named{part}, lay)
}

func checkSet(t *testing.T, set *Set, skip, together bool) {
	t.Helper()
	if !skip && len(set.Skipped) > 0 {
		t.Errorf("skipped %v unasked", set.Skipped)
	}
	line := 0
	for _, e := range set.Examples {
		if e.Line < line || e.Line == line && !together || !utf8.ValidString(e.Text) || set.Labels[e.Label] == "" {
			t.Errorf("example %+v after line %d, labels %q", e, line, set.Labels)
		}
		line = e.Line
	}
}

// A line is found whole however it falls on the buffer's bounds.
func TestLinesAcrossBuffers(t *testing.T) {
	for length := 12; length < 40; length++ {
		want := strings.Repeat("x", length)
		l := lines{text: bufio.NewReaderSize(strings.NewReader(want+"\r\n\n"+want), 16)}
		for _, line := range []int{1, 3} {
			got, err := l.next()
			if err != nil || string(got) != want || l.line != line {
				t.Fatalf("got %q at line %d, %v", got, l.line, err)
			}
		}
	}
}

// A file reads the same gunzipped, and one whose end is missing is no shorter
// file.
func FuzzGzip(f *testing.F) {
	for _, test := range malformedFiles {
		f.Add(test.content, uint16(9))
	}
	f.Add("text,label\na,1\n", uint16(0))
	f.Add("[{\"text\": \"a\", \"label\": 1}]", uint16(1))
	f.Add("\xef\xbb\xbftext\tlabel\n"+strings.Repeat("b\t2\n", 99), uint16(1))
	f.Fuzz(func(t *testing.T, content string, cut uint16) {
		var zipped strings.Builder
		w := gzip.NewWriter(&zipped)
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		whole := zipped.String()
		part := whole[:max(len(whole)-1-int(cut), len(gzipMagic))]
		for _, format := range []string{CSV, TSV, JSONL, JSON} {
			want, wantErr := loadString(content, format, true)
			got, err := loadString(whole, format, true)
			if strings.HasPrefix(content, "\x1f\x8b") {
				continue // gzip in gzip: only the outer one is opened
			}
			if fmt.Sprint(err) != fmt.Sprint(wantErr) || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: gunzipped %+v, %v, want %+v, %v", format, got, err, want, wantErr)
			}
			if _, err := loadString(part, format, true); err == nil {
				t.Errorf("%s: without its last bytes the file loads", format)
			}
		}
	})
}

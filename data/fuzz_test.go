package data

import (
	"bufio"
	"errors"
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
	f.Add("\x1f\x8b\x08\x00", false)
	f.Fuzz(func(t *testing.T, content string, skip bool) {
		for _, format := range []string{CSV, TSV, JSONL} {
			set, err := loadString(content, format, skip)
			var placed *Error
			if err != nil && !errors.As(err, &placed) {
				t.Fatalf("%s: %v is not a data error", format, err)
			}
			if err == nil {
				checkSet(t, set, skip)
			}
		}
	})
}

func loadString(content, format string, skip bool) (*Set, error) {
	text, err := plain(strings.NewReader(content))
	if err != nil {
		return nil, readError("fuzz", 0, err)
	}
	return loadText(text, "fuzz", layout{format: format, text: []string{"text"}, label: "label"}, skip)
}

func checkSet(t *testing.T, set *Set, skip bool) {
	t.Helper()
	if !skip && len(set.Skipped) > 0 {
		t.Errorf("skipped %v unasked", set.Skipped)
	}
	line := 0
	for _, e := range set.Examples {
		if e.Line <= line || !utf8.ValidString(e.Text) || set.Labels[e.Label] == "" {
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

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/powerbert/powerbert/infer"
)

func TestWholeRows(t *testing.T) {
	for _, row := range []struct {
		text   string
		quoted bool
		rows   int
		first  string
		size   int64
	}{
		{"", true, 0, "", 0},
		{"a,b", true, 0, "a,b", 0},
		{"a,b\n1,2\n3", true, 2, "a,b\n", 8},
		{"\"a\nb\",c\n\"d\"\"\n", true, 1, "\"a\nb\",c\n", 8},
		{"\"\"\"\n\"\n", true, 1, "\"\"\"\n\"\n", 6},
		{"{\"a\":\"\\\"\"}\n{\"a\":", false, 1, "{\"a\":\"\\\"\"}\n", 11},
	} {
		rows, first, size, err := wholeRows(strings.NewReader(row.text), row.quoted)
		if err != nil || rows != row.rows || string(first) != row.first || size != row.size {
			t.Errorf("%q: %d rows, the first %q, %d bytes, %v, want %d, %q, %d", row.text, rows, first, size, err, row.rows, row.first, row.size)
		}
	}
}

// A tornWriter writes half of what it gets, as a disk that is full.
type tornWriter struct{ w io.Writer }

var errFull = errors.New("full")

func (t tornWriter) Write(text []byte) (int, error) {
	n, _ := t.w.Write(text[:len(text)/2])
	return n, errFull
}

func TestTornWriteLeavesWholeRows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.jsonl")
	o, err := (&outputFlags{path: path, format: "jsonl"}).open(io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	row := []fields{{{"label", "a"}}}
	if err := o.write(row); err != nil {
		t.Fatal(err)
	}
	o.w = tornWriter{o.file}
	if err := o.write(row); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
	o.w = o.file
	if err := errors.Join(o.write(row), o.close(true)); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if want := strings.Repeat("{\"label\":\"a\"}\n", 2); err != nil || string(got) != want {
		t.Errorf("the file is %q, %v, want %q", got, err, want)
	}
}

// Where labels are each by themselves, the threshold is in place of the model's.
func TestThresholdOfSeveralLabels(t *testing.T) {
	said := infer.Prediction{Label: "b", Labels: []string{"b", "c"}, Class: 1, Probabilities: []float64{0.2, 0.9, 0.6}, Names: []string{"a", "b", "c"}}
	for _, row := range []struct {
		threshold float64
		json, csv string
	}{
		{0, `{"label":"b","labels":["b","c"],"probabilities":{"a":0.2,"b":0.9,"c":0.6}}`, "b,b|c,0.9,0.2,0.9,0.6"},
		{0.7, `{"label":"b","labels":["b"],"probabilities":{"a":0.2,"b":0.9,"c":0.6}}`, "b,b,0.9,false,0.2,0.9,0.6"},
		{0.1, `{"label":"b","labels":["a","b","c"],"probabilities":{"a":0.2,"b":0.9,"c":0.6}}`, "b,a|b|c,0.9,false,0.2,0.9,0.6"},
		{0.95, `{"label":"","labels":[],"below_threshold":true,"probabilities":{"a":0.2,"b":0.9,"c":0.6}}`, ",,0.9,true,0.2,0.9,0.6"},
	} {
		s := rowShape{threshold: row.threshold, several: true}
		text, err := json.Marshal(s.json(origin{}, infer.Trace{Prediction: said}))
		if err != nil || string(text) != row.json {
			t.Errorf("threshold %g: %s, %v, want %s", row.threshold, text, err, row.json)
		}
		if got := strings.Join(s.csv(origin{}, infer.Trace{Prediction: said}).texts(), ","); got != row.csv {
			t.Errorf("threshold %g: %s, want %s", row.threshold, got, row.csv)
		}
	}
}

func TestScoresAreColumns(t *testing.T) {
	one := infer.Trace{Prediction: infer.Prediction{Label: "s", Score: 2.5, Names: []string{"s"}}}
	two := infer.Trace{Prediction: infer.Prediction{Score: 1, Scores: []float64{1, -3}, Names: []string{"x", "y"}}}
	s := rowShape{keep: []string{"id"}}
	for _, row := range []struct {
		t    infer.Trace
		want []string
	}{{one, []string{"id", "score"}}, {two, []string{"id", "score_x", "score_y"}}} {
		if got := s.csv(origin{kept: []string{"7"}}, row.t).names(); !slices.Equal(got, row.want) {
			t.Errorf("columns %v, want %v", got, row.want)
		}
	}
	if got := s.csv(origin{kept: []string{"7"}}, two).texts(); !slices.Equal(got, []string{"7", "1", "-3"}) {
		t.Errorf("values %v", got)
	}
}

// A terminal has one line again and again, a log one every ten seconds; what was there
// when a command resumed does not count for its speed.
func TestRowProgress(t *testing.T) {
	for _, row := range []struct {
		terminal bool
		want     string
	}{
		{true, "\r\x1b[K110 rows, 20 rows/s\r\x1b[K200 rows, 10 rows/s\r\x1b[K250 rows, 12 rows/s\n"},
		{false, "200 rows, 10 rows/s\n250 rows, 12 rows/s\n"},
	} {
		var text bytes.Buffer
		clock := time.Unix(0, 0)
		p := &rowProgress{w: &text, terminal: row.terminal, began: clock, shown: clock, before: 100, now: func() time.Time { return clock }}
		for _, done := range []struct {
			rows  int
			after time.Duration
		}{{101, 50 * time.Millisecond}, {110, 450 * time.Millisecond}, {200, 9500 * time.Millisecond}} {
			clock = clock.Add(done.after)
			p.at(done.rows)
		}
		clock = clock.Add(2500 * time.Millisecond)
		p.end(250)
		if text.String() != row.want {
			t.Errorf("terminal %v: %q, want %q", row.terminal, text.String(), row.want)
		}
	}
	var none *rowProgress
	none.at(1)
	none.end(1)
}

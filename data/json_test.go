package data

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// An array, objects one after another, and lines are the same rows; lines are those on
// which objects begin.
func TestLoadReadsJSON(t *testing.T) {
	tests := []struct{ name, content, want string }{
		{"an array on a line", `[{"text": "a", "label": "x"}, {"text": "b", "label": "y"}]`, "1 a x, 1 b y"},
		{"an array over lines", "\n [\n{\"text\": \"a\",\n\"label\": \"x\"},\r\n\n  {\"label\": 2.50,\n \"text\": \"b\\nc\"}\n]\n", "3 a x, 6 b\nc 2.50"},
		{"lines", "{\"text\": \"a\", \"label\": \"x\"}\n\n{\"text\": \"b\", \"label\": true}\n", "1 a x, 3 b true"},
		{"objects over lines", "{\n\"text\": \"a\", \"label\": \"x\"}{\"text\": \"b\",\n\"label\": \"y\"}", "1 a x, 2 b y"},
	}
	for _, test := range tests {
		src := single()
		src.Dir, src.Train, src.Dev = folder(t, map[string]string{"t.json": test.content}), "t.json", "t.json"
		sets, err := Load(src)
		if err != nil {
			t.Fatal(test.name, err)
		}
		var got []string
		for _, e := range sets.Train.Examples {
			got = append(got, fmt.Sprint(e.Line, " ", e.Text, " ", sets.Train.Labels[e.Label]))
		}
		if text := strings.Join(got, ", "); text != test.want {
			t.Errorf("%s: %q, want %q", test.name, text, test.want)
		}
	}
}

// Many rows, so that the lines of far more than a buffer are counted.
func TestJSONCountsLines(t *testing.T) {
	var rows []string
	for i := range 5000 {
		rows = append(rows, fmt.Sprintf("\n\n{\"text\": \"%s\",\n\"label\": %d}", strings.Repeat("x", i%97), i%2))
	}
	src := single()
	src.Dir, src.Train, src.Dev = folder(t, map[string]string{"t.json": "[" + strings.Join(rows, ",") + "]"}), "t.json", "t.json"
	sets, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range sets.Train.Examples {
		if e.Line != 3+3*i {
			t.Fatalf("row %d begins on line %d, want %d", i, e.Line, 3+3*i)
		}
	}
}

func TestBadJSON(t *testing.T) {
	const good = `{"text": "a", "label": "x"}`
	tests := []struct {
		name, content string
		line          int
		text          string
	}{
		{"cut off after a comma", "[" + good + ",\n", 2, "ends in the middle of its JSON"},
		{"cut off after a row", "[" + good + "\n", 2, "ends in the middle of its JSON"},
		{"cut off in a row", "[" + good + ",\n" + good[:9], 2, "ends in the middle of its JSON"},
		{"no comma", "[" + good + "\n" + good + "]", 2, "is not JSON from here on: "},
		{"more than an array", "[" + good + "]\n]", 2, "is not JSON from here on: "},
		{"two arrays", "[" + good + "]\n[]", 2, "is not JSON from here on: there is more after the array"},
		{"no object", "[" + good + ",\n3]", 2, "is a number, want a JSON object"},
		{"no such key", "[\n{\"text\": \"a\"}]", 2, `has no key "label"`},
		{"empty", "[]", 0, "holds no examples"},
		{"nothing", "\n", 0, "holds no examples"},
		{"bytes", "[" + good + ",\n{\"text\": \"\xff\", \"label\": \"x\"}]", 2, "is not valid UTF-8"},
	}
	for _, test := range tests {
		src := single()
		src.Dir, src.Train = folder(t, map[string]string{"t.json": test.content}), "t.json"
		_, err := Load(src)
		t.Log(test.name)
		wantError(t, err, filepath.Join(src.Dir, "t.json"), test.line, test.text)
	}
	src := single() // what is wrong with one object is no reason to leave the others
	src.SkipMalformed, src.Dir = true, folder(t, map[string]string{"t.json": "[3, " + good + ", {}, " + strings.ReplaceAll(good, `"x"`, `"y"`) + "]"})
	src.Train, src.Dev = "t.json", "t.json"
	if sets, err := Load(src); err != nil || len(sets.Train.Examples) != 2 || len(sets.Train.Skipped) != 2 {
		t.Errorf("got %+v, %v, want two rows and two skipped", sets, err)
	}
}

// A key that has dots names a field of a field, unless it is there as it is.
func TestLoadReadsNestedFields(t *testing.T) {
	tests := []struct{ row, want string }{
		{`{"review": {"body": "a", "stars": {"n": 5}}}`, "a 5"},
		{`{"review.body": "b", "review": {"body": "a", "stars.n": 4}}`, "b 4"},
		{`{"review.stars": {"n": 3}, "review": {"body": "c", "stars": 1}}`, "c 3"},
	}
	for _, name := range []string{"t.jsonl", "t.json"} {
		var rows, want []string
		for _, test := range tests {
			rows, want = append(rows, test.row), append(want, test.want)
		}
		src := Source{Task: TaskTable, Text: []string{"review.body"}, Label: "review.stars.n", Train: name, Dev: name,
			Dir: folder(t, map[string]string{name: strings.Join(rows, "\n")})}
		sets, err := Load(src)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range sets.Train.Examples {
			got = append(got, e.Text+" "+sets.Train.Labels[e.Label])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	src := Source{Task: TaskTable, Text: []string{"review.body"}, Label: "l", Train: "t.jsonl", Dir: folder(t, map[string]string{"t.jsonl": `{"review": "a", "l": 1}`})}
	_, err := Load(src)
	wantError(t, err, filepath.Join(src.Dir, "t.jsonl"), 1, `has no key "review.body"`)
}

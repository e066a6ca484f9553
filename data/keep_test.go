package data

import (
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// kept are the columns that came along with the examples of a set.
func kept(set *Set) (rows [][]string) {
	for _, e := range set.Examples {
		rows = append(rows, e.Kept)
	}
	return rows
}

// Columns come along as texts, whatever the format and whether a row has them, and the
// examples are the same without.
func TestLoadKeepsColumns(t *testing.T) {
	lists := Source{Task: TaskTable, Text: []string{"text"}, Label: "tags", Several: true, Keep: []string{"id"}}
	for name, c := range map[string]struct {
		src           Source
		file, content string
		want          [][]string
	}{
		"csv": {single(), "a.csv", "shop,text,label,stars\neast,one,x,4\n\"we\nst\",two,y,\n", [][]string{{"4", "east"}, {"", "we\nst"}}},
		"tsv": {single(), "a.tsv", "shop\ttext\tlabel\tstars\n\"e\tone\tx\t4\n", [][]string{{"4", "\"e"}}},
		"jsonl": {single(), "a.jsonl", `{"text":"one","label":"x","stars":4.50,"shop":"\"e\""}` + "\n" + `{"text":"two","label":"y","stars":null}` + "\n" +
			`{"text":"three","label":"y","stars":["a"],"shop":true}`, [][]string{{"4.50", `"e"`}, {"", ""}, {`["a"]`, "true"}}},
		"json":  {single(), "a.json", `[{"text":"one","label":"x","stars":4,"shop":"east"}]`, [][]string{{"4", "east"}}},
		"cola":  {Source{Task: TaskCoLA, Keep: []string{"source"}}, "a.tsv", "gj04\t1\t*\tOur friends.\n", [][]string{{"gj04"}}},
		"lists": {lists, "a.jsonl", `{"text":"one","tags":["x","y"],"id":7}`, [][]string{{"7"}}},
	} {
		if c.src.Keep == nil {
			c.src.Keep = []string{"stars", "shop"}
		}
		path := write(t, c.file, c.content)
		set, err := LoadFile(c.src, path, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := kept(set); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: kept %q, want %q", name, got, c.want)
		}
		c.src.Keep = nil
		bare, err := LoadFile(c.src, path, nil)
		for i := range set.Examples {
			set.Examples[i].Kept = nil
		}
		if err != nil || !reflect.DeepEqual(set, bare) {
			t.Errorf("%s: %+v with columns, %+v (%v) without", name, set, bare, err)
		}
	}
}

// Of Parquet, too, with lists beside them; what a row has not is empty.
func TestLoadKeepsColumnsOfParquet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.parquet")
	parquetFile(t, path, 5)
	set, err := LoadFile(Source{Task: TaskTable, Text: []string{"a.b"}, Label: "tags", Several: true, Keep: []string{"id", "review.body"}}, path, nil)
	if want := [][]string{{"0", "éa"}, {"1", "éb"}, {"2", "éc"}, {"3", ""}, {"4", "ée"}}; err != nil || !reflect.DeepEqual(kept(set), want) {
		t.Errorf("kept %q (%v), want %q", kept(set), err, want)
	}
	if got := set.Counts(); !reflect.DeepEqual(got, []int{2}) {
		t.Errorf("labels %v of %q, want two x", got, set.Labels)
	}
}

// A part of the training file has its columns, and what has none is refused.
func TestLoadDevKeeps(t *testing.T) {
	var rows strings.Builder
	for i := range 60 {
		rows.WriteString("text " + strings.Repeat("a", i) + "," + []string{"x", "y"}[i%2] + "," + []string{"east", "west"}[i%2] + "\n")
	}
	src := single()
	src.Train, src.Keep = write(t, "a.csv", "text,label,shop\n"+rows.String()), []string{"shop"}
	dev, err := LoadDev(src, []string{"x", "y"})
	if err != nil || len(dev.Examples) != 6 {
		t.Fatalf("%d examples, %v", len(dev.Examples), err)
	}
	for _, e := range dev.Examples {
		if want := []string{"east", "west"}[e.Label]; e.Kept[0] != want {
			t.Errorf("%q has %q, want %q", e.Text, e.Kept, want)
		}
	}
	for name, src := range map[string]Source{
		"none": {Task: TaskTable, Text: src.Text, Label: src.Label, Train: src.Train, Keep: []string{"none"}},
		"demo": {Task: TaskDemo, Keep: []string{"none"}},
		"race": {Task: TaskRACE, Dev: t.TempDir(), Keep: []string{"none"}},
		"imdb": {Task: TaskIMDB, Dev: t.TempDir(), Keep: []string{"none"}},
	} {
		var file *Error
		if _, err := LoadDev(src, []string{"x", "y"}); !errors.As(err, &file) || !strings.Contains(err.Error(), `"none"`) {
			t.Errorf("%s: error %v, want one of the file that names the column", name, err)
		}
	}
}

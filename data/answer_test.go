package data

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/problem"
)

// several is a source of one file whose texts may have several labels.
func several(t *testing.T, name, text string) Source {
	t.Helper()
	return Source{Task: TaskTable, Dir: folder(t, map[string]string{name: text}), Train: name, Dev: name, Text: []string{"text"}, Label: "labels", Several: true}
}

// Lists of labels mean the same in every format: arrays of texts, numbers and truth values,
// or what a separator parts; one that is there twice counts once, and no label is none.
func TestListsOfLabels(t *testing.T) {
	want := [][]float64{{1, 0, 1}, {0, 1, 0}, {0, 0, 0}, {1, 1, 1}}
	bars := several(t, "a.csv", "text,labels\nx,c|2\ny, b \nz,\nw,b|c|2|b\n")
	bars.Separator = "|"
	mixed := several(t, "a.jsonl", `{"text":"x","labels":["2","c"]}
{"text":"y","labels":"b"}
{"text":"z","labels":null}
{"text":"w","labels":"b, c,2"}
`)
	mixed.Separator = ","
	for name, src := range map[string]Source{
		"separated": bars, "both": mixed,
		"in cells": several(t, "a.csv", "text,labels\nx,\"[\"\"c\"\", 2]\"\ny,\"[\"\"b\"\"]\"\nz,[]\nw,\"[\"\"b\"\",\"\"c\"\",\"\"2\"\"]\"\n"),
		"lines":    several(t, "a.jsonl", "{\"text\":\"x\",\"labels\":[\"c\",2]}\n{\"text\":\"y\",\"labels\":[\"b\"]}\n{\"text\":\"z\",\"labels\":[]}\n{\"text\":\"w\",\"labels\":[\"b\",\"c\",\"2\",\"2\"]}\n"),
		"an array": several(t, "a.json", `[{"text":"x","labels":["c",2]},{"text":"y","labels":["b"]},{"text":"z","labels":null},{"text":"w","labels":["b","c",2,"2"]}]`),
	} {
		sets, err := Load(src)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if labels := sets.Train.Labels; !slices.Equal(labels, []string{"2", "b", "c"}) {
			t.Errorf("%s: labels %q", name, labels)
		}
		for i, e := range sets.Dev.Examples {
			if !reflect.DeepEqual(e.Targets, want[i]) || e.Label != 0 {
				t.Errorf("%s: row %d has %v and label %d, want %v", name, i, e.Targets, e.Label, want[i])
			}
		}
		if sets.Train.Problem != problem.MultiLabel || sets.Train.Answer(&sets.Train.Examples[0]) != "2, c" {
			t.Errorf("%s: %s of %s", name, sets.Train.Answer(&sets.Train.Examples[0]), sets.Train.Problem)
		}
	}
}

// A column per label says 1 or 0, or true or false; the columns are the labels.
func TestColumnsOfLabels(t *testing.T) {
	src := several(t, "a.csv", "b,text,a,id\n1,x,0,7\n0.0,y,TRUE,8\nfalse,z,0,9\n")
	src.Label = "a\nb"
	sets, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	var got [][]float64
	for _, e := range sets.Train.Examples {
		got = append(got, e.Targets)
	}
	if want := [][]float64{{0, 1}, {1, 0}, {0, 0}}; !reflect.DeepEqual(got, want) || !slices.Equal(sets.Train.Labels, []string{"a", "b"}) {
		t.Errorf("%v of %q, want %v", got, sets.Train.Labels, want)
	}
	if counts := sets.Train.Counts(); !slices.Equal(counts, []int{1, 1}) {
		t.Errorf("counts %v", counts)
	}
	src.Several, src.Scores = false, true
	if _, err = Load(src); err == nil || !strings.Contains(err.Error(), `has the score "TRUE", want a number in column "a"`) {
		t.Errorf("as scores: %v", err)
	}
}

// A number in each of several columns is a score each.
func TestSeveralScores(t *testing.T) {
	src := several(t, "a.tsv", "text\ty\tx\nt\t1.5\t-2\nu\t0\t1e3\n")
	src.Several, src.Scores, src.Label = false, true, "x\ny"
	sets, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	if e := sets.Train.Examples; !reflect.DeepEqual(e[0].Targets, []float64{-2, 1.5}) || sets.Train.Answer(&e[1]) != "1000 0" || sets.Train.Problem != problem.Regression {
		t.Errorf("%+v", e)
	}
	s := Summarise("table", 8, smallTokenizer(t), sets, sets.Encode(smallTokenizer(t), 8, nil), 1)
	if list := s.Sets[0].Labels; len(list) != 10 || list[0].Label != "x -2 to 198.4" || list[0].Count != 1 || list[9].Label != "y 1.2 to 1.5" || list[9].Count != 1 {
		t.Errorf("ranges %+v", list)
	}
}

// Lists of Parquet are lists of labels, too.
func TestListsOfParquet(t *testing.T) {
	src := Source{Task: TaskTable, Dir: t.TempDir(), Train: "t.parquet", Dev: "t.parquet", Text: []string{"a.b"}, Label: "tags", Several: true}
	parquetFile(t, filepath.Join(src.Dir, "t.parquet"), 6)
	sets, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range sets.Train.Examples { // i%3%2 of x and y
		if want := []float64{float64(i % 3 % 2)}; !reflect.DeepEqual(e.Targets, want) {
			t.Errorf("row %d has %v, want %v of %q", i, e.Targets, want, sets.Train.Labels)
		}
	}
}

func TestBadLists(t *testing.T) {
	row := func(labels string) string { return fmt.Sprintf(`{"text":"x","labels":%s}`, labels) }
	for _, c := range []struct {
		name, text string
		change     func(*Source)
		line       int
		want       string
	}{
		{"a.csv", "text,labels\nx,a;b\n", nil, 2, `has the labels "a;b", want a JSON array, or set data.label_separator to what is between them`},
		{"a.jsonl", row(`[["a"]]`), nil, 1, `has a list of labels with ["a"], want texts`},
		{"a.jsonl", row(`["a"," "]`), nil, 1, `has a list of labels with " ", want texts`},
		{"a.jsonl", row(`{"a":1}`), nil, 1, `has a "labels" that is an object, want an array of labels`},
		{"a.jsonl", row(`["a"]`), func(s *Source) { s.Several = false }, 1, `has a "labels" that is an array, want a string; where a text may have several labels set data.multi_label: true`},
		{"a.jsonl", row(`["a","b"]`), func(s *Source) { s.Labels = []string{"a", "c"} }, 1, `label "b" is not one of "a", "c"`},
		{"a.jsonl", row(`[]`), nil, 0, "has no label in any row"},
		{"a.csv", "text,a,b\nx,1,\n", func(s *Source) { s.Label = "a\nb" }, 2, `has "", want 1 where the text has the label and 0 where not, in column "b"`},
		{"a.csv", "text,a,b\nx,1,2\n", func(s *Source) { s.Label = "a\nb" }, 2, `has "2", want 1 where`},
	} {
		src := several(t, c.name, c.text)
		if c.change != nil {
			c.change(&src)
		}
		_, err := Load(src)
		wantError(t, err, filepath.Join(src.Dir, c.name), c.line, c.want)
	}
	src := several(t, "a.jsonl", row(`["a"]`)+"\n"+row(`"b"`)+"\n"+row(`["c"]`)+"\n")
	src.SkipMalformed = true
	sets, err := Load(src)
	if err != nil || len(sets.Train.Examples) != 2 || len(sets.Train.Skipped) != 1 || sets.Train.Skipped[0].Line != 2 || !reflect.DeepEqual(sets.Train.Examples[1].Targets, []float64{0, 1}) {
		t.Errorf("skipping: %+v, %v", sets, err)
	}
}

// Of labels by themselves about the share of each is held out, never more, and of the texts
// without labels as well; one that few texts have stays in the rest.
func TestHoldOutOfSeveralLabels(t *testing.T) {
	rows := []string{"text,a,b,c"}
	for i := range 400 {
		rows = append(rows, fmt.Sprintf("number %d,%d,%d,%d", i, min(i%2, 1), max(0, i%5-3), max(0, i%200-198)))
	}
	src := several(t, "a.csv", strings.Join(rows, "\n")+"\n")
	src.Label, src.HeldOut, src.SplitSeed = "a\nb\nc", 0.2, 3
	sets, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	none := 0
	for _, e := range sets.HeldOut.Examples {
		if !slices.Contains(e.Targets, 1) {
			none++
		}
	}
	got := append(sets.HeldOut.Counts(), none)
	for k, most := range []int{40, 16, 0, 32} { // of 200, 80, 2 and 160
		if got[k] > most || 10*got[k] < 9*most {
			t.Errorf("held out are %v, want about and at most 40, 16, 0 and 32 of none", got)
		}
	}
	if all := sets.Train.Counts(); all[2] != 2 {
		t.Errorf("training has %v", all)
	}
}

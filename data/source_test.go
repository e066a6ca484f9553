package data

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// folder writes files by name into a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoadCollectsLabelsFromTraining(t *testing.T) {
	tests := []struct {
		name, train string
		given, want []string
	}{
		{"words, sorted", "t,no\nu,yes\nv,maybe\n", nil, []string{"maybe", "no", "yes"}},
		{"numbers, as numbers", "t,10\nu,9\nv,-1.5\n", nil, []string{"-1.5", "9", "10"}},
		{"equal numbers, once", "t,1.0\nu,1\nv,0\nw,-0.0\nx,1e0\n", nil, []string{"0", "1"}},
		{"fractions, as written", "t,1.0\nu,0.50\n", nil, []string{"0.50", "1.0"}},
		{"numbers too large to tell apart", "t,9007199254740993\nu,9007199254740992\n", nil, []string{"9007199254740992", "9007199254740993"}},
		{"numbers and words, as words", "t,10\nu,9\nv,x\n", nil, []string{"10", "9", "x"}},
		{"infinity is a word", "t,10\nu,9\nv,inf\n", nil, []string{"10", "9", "inf"}},
		{"listed, in that order", "t,b\nu,a\n", []string{"c", "b", "a"}, []string{"c", "b", "a"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			src := single()
			src.Dir = folder(t, map[string]string{"train.csv": "text,label\n" + test.train, "dev.csv": "text,label\n" + test.train})
			src.Train, src.Dev, src.Labels = "train.csv", "dev.csv", test.given
			sets, err := Load(src)
			if err != nil {
				t.Fatal(err)
			}
			train, dev := sets.Train, sets.Dev
			if !reflect.DeepEqual(train.Labels, test.want) || !reflect.DeepEqual(dev.Labels, test.want) {
				t.Errorf("labels %q and %q, want %q", train.Labels, dev.Labels, test.want)
			}
			if !reflect.DeepEqual(train.Examples, dev.Examples) {
				t.Errorf("the same rows became %v and %v", train.Examples, dev.Examples)
			}
		})
	}
}

func TestLoadHoldsDevToTheLabelsOfTraining(t *testing.T) {
	src := single()
	src.Dir = folder(t, map[string]string{"t.csv": "text,label\nx,a\ny,b\n", "d.csv": "text,label\nx,a\nz,c\n", "one.csv": "text,label\nx,a\n"})
	src.Train, src.Dev = "t.csv", filepath.Join(src.Dir, "d.csv")
	_, err := Load(src)
	wantError(t, err, src.Dev, 3, `label "c" is not one of "a", "b"`)
	src.Train = "one.csv"
	_, err = Load(src)
	wantError(t, err, filepath.Join(src.Dir, "one.csv"), 0, `has the one label "a", want two or more`)
}

// Words have the say over names, several may mean one label, and 1.0 is 1.
func TestLoadTakesWordsForLabels(t *testing.T) {
	tests := []struct {
		name          string
		labels, words []string
		rows          string
		names         []string
		ids           []int
	}{
		{"names", []string{"bad", "good"}, []string{"0", "1"}, "t,1\nu,0\nv,1.0\nw,bad\n", []string{"bad", "good"}, []int{1, 0, 1, 0}},
		{"a swap", []string{"1", "0"}, []string{"0", "1"}, "t,0\nu,1\nv,1.0\n", []string{"1", "0"}, []int{0, 1, 1}},
		{"several for one", []string{"bad", "bad", "good"}, []string{"1", "2", "3.0"}, "t,1\nu,2\nv,3\n", []string{"bad", "good"}, []int{0, 0, 1}},
		{"numbers without words", []string{"0", "1"}, nil, "t,1.0\nu,0\nv,00\n", []string{"0", "1"}, []int{1, 0, 0}},
		{"both spellings listed", []string{"1", "1.0"}, nil, "t,1.0\nu,1\n", []string{"1", "1.0"}, []int{1, 0}},
	}
	for _, test := range tests {
		src := single()
		src.Dir, src.Train, src.Dev = folder(t, map[string]string{"t.csv": "text,label\n" + test.rows}), "t.csv", "t.csv"
		src.Labels, src.Words = test.labels, test.words
		sets, err := Load(src)
		if err != nil {
			t.Fatal(test.name, err)
		}
		var ids []int
		for _, e := range sets.Dev.Examples {
			ids = append(ids, e.Label)
		}
		if !reflect.DeepEqual(sets.Train.Labels, test.names) || !reflect.DeepEqual(ids, test.ids) {
			t.Errorf("%s: labels %q and %v, want %q and %v", test.name, sets.Train.Labels, ids, test.names, test.ids)
		}
	}
	src := single()
	src.Dir, src.Train, src.Dev = folder(t, map[string]string{"t.csv": "text,label\nt,0\nu,2\n"}), "t.csv", "t.csv"
	src.Labels, src.Words = []string{"bad", "good"}, []string{"0", "1"}
	_, err := Load(src)
	wantError(t, err, filepath.Join(src.Dir, "t.csv"), 3, `label "2" is not one of "bad", "good"`)
}

// Files of three columns as they come: without a header, or with another delimiter.
func TestLoadTakesHeaderAndDelimiter(t *testing.T) {
	all := []string{"id", "text", "label"}
	tests := []struct {
		name, file, content string
		header              []string
		delimiter, format   string
		text                string // of the first row
		line                int
	}{
		{"no header", "a.csv", "1,\"x, y\",b\n2,z,c\n", all, "", "", "x, y", 1},
		{"no header, tabs", "a.tsv", "1\tx \"y\tb\n2\tz\tc\n", all, "", "", `x "y`, 1},
		{"semicolons", "a.csv", "id;text;label\n1;\"x; y\";b\n2;z;c\n", nil, ";", "", "x; y", 2},
		{"bars, and a suffix that tells nothing", "a.txt", "1|x, y|b\n2|z|c\n", all, "|", "", "x, y", 1},
		{"bars without quotes", "a.txt", "1|x \"y|b\n2|z|c\n", all, "|", TSV, `x "y`, 1},
		{"quotes between tabs", "a.tsv", "id\ttext\tlabel\n1\t\"x\ty\"\tb\n2\tz\tc\n", nil, "\t", "", "x\ty", 2},
	}
	for _, test := range tests {
		src := Source{Task: TaskTable, Dir: folder(t, map[string]string{test.file: test.content}), Train: test.file, Dev: test.file,
			Text: all[1:2], Label: all[2], Header: test.header, Delimiter: test.delimiter, Format: test.format}
		sets, err := Load(src)
		if err != nil {
			t.Fatal(test.name, err)
		}
		got := sets.Train.Examples
		if want := []Example{{Text: test.text, Line: test.line}, {Text: "z", Label: 1, Line: test.line + 1}}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", test.name, got, want)
		}
	}
	src := single()
	src.Dir, src.Header = folder(t, map[string]string{"a.jsonl": "{}"}), src.Text
	src.Train = "a.jsonl"
	_, err := Load(src)
	wantError(t, err, filepath.Join(src.Dir, "a.jsonl"), 0, "is jsonl, whose keys are named in each row; leave out data.header")
}

func TestLoadFileTakesLabels(t *testing.T) {
	path := write(t, "more.tsv", "sentence\tlabel\nx\tgood\n")
	set, err := LoadFile(Source{Task: TaskSST2}, path, []string{"bad", "good"})
	if err != nil || set.Examples[0].Label != 1 {
		t.Fatalf("got %+v, %v, want label 1", set, err)
	}
}

func TestFormatBySuffix(t *testing.T) {
	for path, want := range map[string]string{
		"a.csv": CSV, "b/a.TSV": TSV, "a.jsonl": JSONL, "a.ndjson": JSONL, "a.csv.gz": CSV,
		"a.txt": "", "a": "", "csv": "", "a.gz": "", "a.csv.zip": "",
	} {
		if got := formatBySuffix(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

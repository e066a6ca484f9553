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
		{"equal numbers, as written", "t,1.0\nu,1\nv,0\n", nil, []string{"0", "1", "1.0"}},
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

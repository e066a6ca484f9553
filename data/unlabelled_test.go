package data

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// unlabelledOf loads a table of one text, or of pairs, with files of texts without labels.
func unlabelledOf(t *testing.T, text []string, files map[string]string) (*Sets, error) {
	t.Helper()
	train := write(t, "train.csv", "text,other,label\na,1,x\nb,2,y\nc,3,x\nd,4,y\n")
	dev := write(t, "dev.csv", "text,other,label\ne,5,x\n")
	var names []string
	for name, content := range files {
		names = append(names, write(t, name, content))
	}
	slices.Sort(names)
	return Load(Source{Task: TaskTable, Train: train, Dev: dev, Text: text, Label: "label", Unlabelled: strings.Join(names, "\n"), SkipMalformed: true})
}

// said are the texts of a set, pairs with a bar.
func said(s *Set) (texts []string) {
	for _, e := range s.Examples {
		texts = append(texts, strings.TrimSuffix(e.Text+"|"+e.Pair, "|"))
	}
	return texts
}

// Texts without labels are read in the columns of the table, of which a label's plays no
// part, or a text a line; what is among the examples, blank, or there before is left out.
func TestUnlabelled(t *testing.T) {
	for name, c := range map[string]struct {
		text  []string
		files map[string]string
		want  []string
	}{
		"a table without labels": {[]string{"text"}, map[string]string{"u.csv": "id,text\n1,f\n2,g\n3,f\n"}, []string{"f", "g"}},
		"unknown labels":         {[]string{"text"}, map[string]string{"u.tsv": "text\tlabel\nf\t\ng\tz\n"}, []string{"f", "g"}},
		"lines":                  {[]string{"text"}, map[string]string{"u.txt": "f\n\n \na\ne\ng\n"}, []string{"f", "g"}},
		"two files":              {[]string{"text"}, map[string]string{"u.jsonl": `{"text":"f"}`, "v.txt": "f\ng\n"}, []string{"f", "g"}},
		"pairs":                  {[]string{"text", "other"}, map[string]string{"u.csv": "other,text\n1,a\n2,a\n5,e\n"}, []string{"a|2"}},
		"malformed rows":         {[]string{"text"}, map[string]string{"u.txt": "f\n\xff\ng\n"}, []string{"f", "g"}},
	} {
		sets, err := unlabelledOf(t, c.text, c.files)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		u := sets.Unlabelled
		if got := said(u); !slices.Equal(got, c.want) || u.Paired != (len(c.text) == 2) || !slices.Equal(u.Labels, sets.Train.Labels) || u.Problem != sets.Train.Problem {
			t.Errorf("%s: %q, %+v, want %q", name, got, u, c.want)
		}
		if skipped := name == "malformed rows"; (len(u.Skipped) == 1) != skipped {
			t.Errorf("%s: skipped %v", name, u.Skipped)
		}
		if len(sets.Train.Examples) != 4 {
			t.Errorf("%s: %d training examples", name, len(sets.Train.Examples))
		}
	}
	if sets, err := unlabelledOf(t, []string{"text"}, nil); err != nil || sets.Unlabelled != nil {
		t.Errorf("of no file: %+v (%v)", sets, err)
	}
}

// Rows that are held out are among the examples, and files of IMDB's folders have a suffix or
// a text a line.
func TestUnlabelledOfOthers(t *testing.T) {
	train := write(t, "train.csv", "text,label\n"+strings.Repeat("a,x\n", 10)+strings.Repeat("b,y\n", 10)+strings.Repeat("c,x\n", 10))
	dev := write(t, "dev.csv", "text,label\ne,x\n")
	sets, err := Load(Source{Task: TaskTable, Train: train, Dev: dev, Text: []string{"text"}, Label: "label", HeldOut: 0.4, Unlabelled: write(t, "u.txt", "c\na\nf\nb\n")})
	if err != nil || sets.HeldOut == nil || !slices.Equal(said(sets.Unlabelled), []string{"f"}) {
		t.Errorf("%+v (%v)", sets, err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"train.tsv": "text\tlabel\na\tpos\nb\tneg\n", "dev.tsv": "text\tlabel\nc\tpos\n"} {
		put(t, filepath.Join(dir, name), text)
	}
	sst2 := write(t, "sst2.tsv", "sentence\tlabel\na\t0\nb\t1\n")
	sets, err = Load(Source{Task: TaskSST2, Train: sst2, Dev: sst2, Unlabelled: write(t, "u.txt", "a\nf\n")})
	if err != nil || !slices.Equal(said(sets.Unlabelled), []string{"f"}) {
		t.Errorf("lines beside a published task: %+v (%v)", sets, err)
	}
	for name, text := range map[string]string{"u.tsv": "text\nf\n", "u.txt": "f\n"} {
		put(t, filepath.Join(dir, name), text)
		sets, err := Load(Source{Task: TaskIMDB, Dir: dir, Train: "train.tsv", Dev: "dev.tsv", Unlabelled: name})
		if err != nil || !slices.Equal(said(sets.Unlabelled), []string{"f"}) {
			t.Errorf("%s: %+v (%v)", name, sets, err)
		}
	}
}

// Errors name the file, and what is wanted.
func TestUnlabelledErrors(t *testing.T) {
	for want, c := range map[string]struct {
		text  []string
		files map[string]string
	}{
		"u.txt: has a text a line, but the task is of pairs; want a table of both columns": {[]string{"text", "other"}, map[string]string{"u.txt": "f\n"}},
		"u.csv: holds no text that is not among the training or the dev examples":          {[]string{"text"}, map[string]string{"u.csv": "text\na\ne\n"}},
		"u.txt: holds no texts (0 malformed rows)":                                         {[]string{"text"}, map[string]string{"u.txt": "\n"}},
		`u.csv:1: the header has no column "text"`:                                         {[]string{"text"}, map[string]string{"u.csv": "sentence\nf\n"}},
		"u.txt:1: is the header of a table":                                                {[]string{"text"}, map[string]string{"u.txt": "text,label\nf,x\n"}},
	} {
		if _, err := unlabelledOf(t, c.text, c.files); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	many := t.TempDir()
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		put(t, filepath.Join(many, name+".txt"), "of "+name+"\n")
	}
	table := Source{Task: TaskTable, Train: write(t, "t.csv", "text,label\na,x\nb,y\n"), Dev: write(t, "d.csv", "text,label\na,x\n"), Text: []string{"text"}, Label: "label", Unlabelled: many}
	if _, err := Load(table); err == nil || !strings.Contains(err.Error(), "is a folder; name its files, as "+filepath.Join(many, "*.txt")) {
		t.Errorf("of a folder: error %v", err)
	}
	table.Unlabelled = filepath.Join(many, "*.txt")
	if sets, err := Load(table); err != nil || len(sets.Unlabelled.Examples) != 6 || sets.Unlabelled.Name() != filepath.Join(many, "a.txt")+" and 5 more files" {
		t.Errorf("of many files: %+v (%v)", sets, err)
	}
	if _, err := Load(Source{Task: TaskTable, Train: write(t, "t.csv", "text,label\na,x\nb,y\n"), Dev: write(t, "d.csv", "text,label\na,x\n"), Text: []string{"text"}, Label: "label", Unlabelled: "nowhere.csv"}); err == nil || !strings.Contains(err.Error(), "nowhere.csv: no such file") {
		t.Errorf("error %v", err)
	}
}

// put writes a file at a path.
func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

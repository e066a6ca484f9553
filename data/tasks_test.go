package data

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/problem"
)

// tree writes files by path into a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for path, content := range files {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A row of every GLUE file as distributed, columns joined by "|" for the eye.
func TestGLUELayouts(t *testing.T) {
	mnli := "index|promptID|pairID|genre|sentence1_binary_parse|sentence2_binary_parse|sentence1_parse|sentence2_parse|sentence1|sentence2|label1|"
	parses := "0|1|1n|fiction|( a )|( b )|(ROOT (X a))|(ROOT (X b))|"
	tests := []struct {
		task, header, row string
		want              Example
	}{
		{TaskMRPC, "\ufeffQuality|#1 ID|#2 ID|#1 String|#2 String", `1|702876|702977|He said " no .|" No , he said .`,
			Example{Text: `He said " no .`, Pair: `" No , he said .`, Label: 1, Line: 2}},
		{TaskSTSB, "index|genre|filename|year|old_index|source1|source2|sentence1|sentence2|score", "0|main|MSRvid|2012|1|none|none|A plane.|An \"air.|4.750",
			Example{Text: "A plane.", Pair: `An "air.`, Targets: []float64{4.75}, Line: 2}},
		{TaskQQP, "id|qid1|qid2|question1|question2|is_duplicate", "13|20|21|Why?|How \"so?|0",
			Example{Text: "Why?", Pair: `How "so?`, Label: 0, Line: 2}},
		{TaskMNLIm, mnli + "gold_label", parses + "a|b|neutral|neutral", Example{Text: "a", Pair: "b", Label: 2, Line: 2}},
		{TaskMNLImm, mnli + "label2|label3|label4|label5|gold_label", parses + "a|b|neutral|x|x|x|x|contradiction", Example{Text: "a", Pair: "b", Label: 0, Line: 2}},
		{TaskQNLI, "index|question|sentence|label", "7|Who?|\"Him.|not_entailment", Example{Text: "Who?", Pair: `"Him.`, Label: 1, Line: 2}},
		{TaskRTE, "index|sentence1|sentence2|label", "7|It is so.|It is.|entailment", Example{Text: "It is so.", Pair: "It is.", Label: 0, Line: 2}},
	}
	for _, test := range tests {
		t.Run(test.task, func(t *testing.T) {
			content := strings.ReplaceAll(test.header+"\n"+test.row+"\n", "|", "\t")
			set, err := LoadFile(Source{Task: test.task}, write(t, "train.tsv", content), nil)
			if err != nil {
				t.Fatal(err)
			}
			if want := []Example{test.want}; !reflect.DeepEqual(set.Examples, want) {
				t.Errorf("got %+v\nwant %+v", set.Examples, want)
			}
		})
	}
}

// Which files are read, by what is there.
func TestFilesOfTasks(t *testing.T) {
	tests := []struct {
		name  string
		there []string
		src   Source
		want  files
	}{
		{"GLUE", []string{"train.tsv", "dev.tsv"}, Source{Task: TaskRTE}, files{train: "train.tsv", dev: "dev.tsv"}},
		{"nothing is there", nil, Source{Task: TaskMRPC}, files{train: "train.tsv", dev: "dev.tsv"}},
		{"MRPC of GLUE first", []string{"train.tsv", "msr_paraphrase_train.txt"}, Source{Task: TaskMRPC}, files{train: "train.tsv", dev: "dev.tsv"}},
		{"the original MRPC", []string{"msr_paraphrase_train.txt", "msr_paraphrase_test.txt"}, Source{Task: TaskMRPC}, files{train: "msr_paraphrase_train.txt"}},
		{"matched", []string{"train.tsv"}, Source{Task: TaskMNLIm}, files{"train.tsv", "dev_matched.tsv", "dev_mismatched.tsv"}},
		{"mismatched", []string{"train.tsv"}, Source{Task: TaskMNLImm}, files{"train.tsv", "dev_mismatched.tsv", "dev_matched.tsv"}},
		{"another dev set", nil, Source{Task: TaskMNLIm, Dev: "mine.tsv"}, files{train: "train.tsv", dev: "mine.tsv"}},
		{"a file to split", nil, Source{Task: TaskQNLI, Train: "dev.tsv"}, files{train: "dev.tsv"}},
		{"reviews in a file", []string{"train.tsv.gz"}, Source{Task: TaskIMDB}, files{train: "train.tsv.gz"}},
		{"reviews in folders", []string{"train", "train.tsv.gz"}, Source{Task: TaskIMDB}, files{train: "train"}},
		{"RACE", []string{"train"}, Source{Task: TaskRACE}, files{train: "train", dev: "dev"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			there := map[string]string{}
			for _, name := range test.there {
				there[name] = ""
			}
			test.src.Dir = folder(t, there)
			got, err := test.src.files()
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range []*string{&test.want.train, &test.want.dev, &test.want.also} {
				if *path != "" {
					*path = filepath.Join(test.src.Dir, *path)
				}
			}
			if got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestTestsOfGLUE(t *testing.T) {
	var names []string
	for _, task := range []string{TaskCoLA, TaskSST2, TaskMRPC, TaskSTSB, TaskQQP, TaskMNLIm, TaskQNLI, TaskRTE, TaskIMDB, TaskRACE, TaskTable} {
		for _, test := range Tests(task) {
			names = append(names, test.Name+" "+strings.Join(test.Text, ","))
		}
	}
	want := []string{"CoLA sentence", "SST-2 sentence", "MRPC #1 String,#2 String", "STS-B sentence1,sentence2", "QQP question1,question2",
		"MNLI-m sentence1,sentence2", "MNLI-mm sentence1,sentence2", "QNLI question,sentence", "RTE sentence1,sentence2"}
	if !reflect.DeepEqual(names, want) {
		t.Errorf("got %q\nwant %q", names, want)
	}
}

func TestScores(t *testing.T) {
	header := "sentence1\tsentence2\tscore\n"
	stsb := Source{Task: TaskSTSB}
	for _, bad := range []string{"much", "NaN", "inf", "1,5"} {
		path := write(t, "train.tsv", header+"a\tb\t1\na\tb\t"+bad+"\n")
		_, err := LoadFile(stsb, path, nil)
		wantError(t, err, path, 3, fmt.Sprintf("has the score %q, want a number", bad))
	}
	stsb.SkipMalformed = true
	set, err := LoadFile(stsb, write(t, "train.tsv", header+"a\tb\t\na\tb\t0.5\na\tb\tx\n"), nil)
	if err != nil || len(set.Examples) != 1 || set.Examples[0].Targets[0] != 0.5 || len(set.Skipped) != 2 || set.Problem != problem.Regression {
		t.Errorf("got %+v, %v", set, err)
	}
	table := Source{Task: TaskTable, Text: []string{"text"}, Label: "stars", Scores: true}
	set, err = LoadFile(table, write(t, "a.csv", "text,stars\nx,-1.5\n"), nil)
	if err != nil || set.Examples[0].Targets[0] != -1.5 || !reflect.DeepEqual(set.Labels, []string{"stars"}) {
		t.Errorf("got %+v, %v", set, err)
	}
}

// The reviews of the folders and those of a table are the same, under one name of
// each label.
func TestReviews(t *testing.T) {
	dir := tree(t, map[string]string{
		"train/pos/10_9.txt": "So good.<br />Really.\n", "train/neg/1_2.txt": "Bad.", "train/neg/0_1.txt": "\"Awful\tfilm.",
		"train/unsup/0_0.txt": "Neither.", "train/urls_pos.txt": "http://", "train/labeledBow.feat": "1 0:7",
	})
	at := func(file string) string { return filepath.Join(dir, "train", file) }
	want := []Example{{Text: "\"Awful\tfilm.", Label: 0, File: at("neg/0_1.txt")}, {Text: "Bad.", Label: 0, File: at("neg/1_2.txt")},
		{Text: "So good.<br />Really.", Label: 1, File: at("pos/10_9.txt")}}
	set, err := LoadFile(Source{Task: TaskIMDB}, filepath.Join(dir, "train"), nil)
	if err != nil || !reflect.DeepEqual(set.Examples, want) || !reflect.DeepEqual(set.Labels, []string{"neg", "pos"}) {
		t.Errorf("got %+v, %v\nwant %+v", set, err, want)
	}
	table := write(t, "reviews.tsv.gz", zip(t, "id\trating\tlabel\ttext\nneg/0\t1\t0\tBad.\npos/0\t9\tpos\tGood.\n"))
	set, err = LoadFile(Source{Task: TaskIMDB}, table, nil)
	if want := []Example{{Text: "Bad.", Line: 2}, {Text: "Good.", Label: 1, Line: 3}}; err != nil || !reflect.DeepEqual(set.Examples, want) {
		t.Errorf("got %+v, %v\nwant %+v", set, err, want)
	}
}

func TestReviewsThatCannotBeRead(t *testing.T) {
	dir := tree(t, map[string]string{"neg/0_1.txt": "Caf\xe9.", "neg/1_1.txt": "Bad."})
	_, err := LoadFile(Source{Task: TaskIMDB}, dir, nil)
	wantError(t, err, filepath.Join(dir, "pos"), 0, "no such file or directory")
	if err := os.Mkdir(filepath.Join(dir, "pos"), 0o700); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(dir, "neg", "0_1.txt")
	_, err = LoadFile(Source{Task: TaskIMDB}, dir, nil)
	wantError(t, err, bad, 0, string(notUTF8))
	set, err := LoadFile(Source{Task: TaskIMDB, SkipMalformed: true}, dir, nil)
	if err != nil || len(set.Examples) != 1 || fmt.Sprint(set.Skipped) != fmt.Sprintf("[%s: %s]", bad, notUTF8) {
		t.Errorf("got %+v, %v", set, err)
	}
}

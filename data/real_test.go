package data

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// real is a file or folder of the real data.
func real(t *testing.T, path string) string {
	t.Helper()
	root := os.Getenv("POWERBERT_DATA")
	if root == "" {
		t.Skip("POWERBERT_DATA is not set: no real data")
	}
	return filepath.Join(root, "data", path)
}

// The sizes of the GLUE tasks as published.
func TestRealGLUE(t *testing.T) {
	tests := []struct {
		task, folder string
		train, dev   []int // examples of label 0 and 1
		first        Example
	}{
		{TaskSST2, "glue/SST-2", []int{29780, 37569}, []int{428, 444}, Example{Text: "it 's a charming and often affecting journey . ", Label: 1, Line: 2}},
		{TaskCoLA, "glue/CoLA", []int{2528, 6023}, []int{324, 719}, Example{Text: "The sailors rode the breeze clear of the rocks.", Label: 1, Line: 1}},
	}
	for _, test := range tests {
		t.Run(test.task, func(t *testing.T) {
			sets, err := Load(Source{Task: test.task, Dir: real(t, test.folder)})
			if err != nil {
				t.Fatal(err)
			}
			train, dev := sets.Train, sets.Dev
			if !reflect.DeepEqual(train.Counts(), test.train) || !reflect.DeepEqual(dev.Counts(), test.dev) {
				t.Errorf("counts %v and %v, want %v and %v", train.Counts(), dev.Counts(), test.train, test.dev)
			}
			if !reflect.DeepEqual(dev.Examples[0], test.first) {
				t.Errorf("first of dev is %+v, want %+v", dev.Examples[0], test.first)
			}
		})
	}
}

// The sizes of what is distributed otherwise than the labels of TestRealGLUE can say.
func TestRealTasks(t *testing.T) {
	tests := []struct {
		src        Source
		folder     string
		train, dev int
		same       bool // the dev set is a part of the training file
	}{
		{Source{Task: TaskRTE}, "glue/RTE", 2490, 277, false},
		{Source{Task: TaskSTSB}, "glue/STS-B", 5749, 1500, false},
		{Source{Task: TaskMRPC}, "glue/MRPC", 3669, 407, true},
		{Source{Task: TaskQNLI, Train: "dev.tsv"}, "glue/QNLI", 4917, 546, true},
		{Source{Task: TaskIMDB}, "imdb", 22500, 2500, true},
	}
	for _, test := range tests {
		t.Run(test.src.Task, func(t *testing.T) {
			test.src.Dir = real(t, test.folder)
			sets, err := Load(test.src)
			if err != nil {
				t.Fatal(err)
			}
			train, dev := sets.Train, sets.Dev
			if len(train.Examples) != test.train || len(dev.Examples) != test.dev {
				t.Errorf("%d and %d examples, want %d and %d", len(train.Examples), len(dev.Examples), test.train, test.dev)
			}
			if test.same != (dev.Part != "") {
				t.Errorf("the dev set is %s", dev.Name())
			}
		})
	}
}

func TestRealTables(t *testing.T) {
	tests := []struct {
		name, file string
		text       []string
		label      string
		counts     []int
	}{
		{"gzip with long lines", "imdb/train.tsv.gz", []string{"text"}, "label", []int{12500, 12500}},
		{"pairs with word labels", "glue/RTE/train.tsv", []string{"sentence1", "sentence2"}, "label", []int{1249, 1241}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			set, err := LoadFile(Source{Task: TaskTable, Text: test.text, Label: test.label}, real(t, test.file), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := set.Counts(); !reflect.DeepEqual(got, test.counts) {
				t.Errorf("counts %v, want %v", got, test.counts)
			}
		})
	}
}

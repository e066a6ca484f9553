package configs

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/powerbert/powerbert/data"
)

// A file that is not there comes with the key that names it; other errors stay as they are.
func TestUnread(t *testing.T) {
	table := "tokenizer: {vocab: v}\ndata:\n  task: table\n  train: t.csv\n  dev: [d.csv, more.csv]\n  text: [a]\n  label: b\n"
	there := "; name a file that is there, from the working directory or the experiment's folder"
	for _, test := range []struct {
		yaml, file, want string
		set              []string
	}{
		{table, "t.csv", "x.yaml:4: data.train: t.csv: file does not exist" + there, nil},
		{table, "more.csv", "x.yaml:5: data.dev: more.csv: file does not exist" + there, nil},
		{table, "in/t.csv", "x.yaml:4: data.train: in/t.csv: file does not exist; name a file that is there, from data.dir", []string{"data.dir=in"}},
		{table, "t.csv", "--set data.train=t.csv: data.train: t.csv: file does not exist" + there, []string{"data.train=t.csv"}},
		{"tokenizer: {vocab: v}\ndata: {task: sst2, dir: glue}\n", "glue/train.tsv",
			"x.yaml:2: data.dir: glue/train.tsv: file does not exist; name the folder of the task as it is distributed", nil},
	} {
		e := load(t, test.yaml, test.set...)
		if err := e.ReadError(&data.Error{File: test.file, Err: fs.ErrNotExist}); err.Error() != test.want || !errors.As(err, new(*data.Error)) {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
		if other := (&data.Error{File: test.file, Err: fs.ErrPermission}); e.ReadError(other) != error(other) {
			t.Errorf("%v becomes %v", other, e.ReadError(other))
		}
	}
}

// A key that nobody gave has no place.
func TestAt(t *testing.T) {
	e := load(t, "data: {task: demo}\n")
	if err := e.At("model", fs.ErrNotExist); err != fs.ErrNotExist {
		t.Errorf("model is at %v", err)
	}
	if err := e.At("data.task", nil); err != nil {
		t.Errorf("no error becomes %v", err)
	}
}

package pipeline

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/retention"
)

// Whatever retention.json holds, it is refused by name or is of one piece, and
// what is made of it is a structure that a configuration accepts or refuses.
func FuzzRetention(f *testing.F) {
	good, err := json.Marshal(Retention{MaxLength: 3, Ranks: "relative", Lambda: 1e-3, Mass: []float64{2.5, 1}, Retention: []int{3, 1},
		Reached: [][]int{{9, 4, 0}, {9, 4, 0}}, R: [][]float32{{1, 1, 0.5}, {1, 0, 0}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte(`{"max_length":-1,"mass":[0],"retention":[0],"reached":[[]],"r":[[]]}`))
	f.Add([]byte(`{"max_length":1,"mass":[1],"retention":[1],"reached":[[1]],"r":[[1]]}`))
	path := filepath.Join(f.TempDir(), "retention.json")
	f.Fuzz(func(t *testing.T, text []byte) {
		write(t, path, string(text))
		r, err := ReadRetention(path)
		if err != nil {
			unreadableFile(t, err, path)
			return
		}
		if share, encoder := r.unreached(); share > 0 && encoder > len(r.R) {
			t.Errorf("encoder %d of %d has ranks that nothing reaches", encoder, len(r.R))
		}
		c := arch.DefaultConfig()
		c.NumHiddenLayers = len(r.Retention)
		c.PowerRetention = &retention.Configuration{MaxLength: r.MaxLength, Ranks: r.Ranks, Keep: r.Retention}
		if c.Validate() != nil {
			return
		}
		elimination := c.Elimination()
		if cost := c.Net().Cost(arch.Executed, &elimination, 5, 5); cost <= 0 {
			t.Errorf("%s costs %d multiply-adds", text, cost)
		}
	})
}

// Whatever result.json holds, it is refused by name or comes back when written.
func FuzzResult(f *testing.F) {
	good, err := json.Marshal(Result{Stage: "finetune", Metric: "accuracy", Dev: 0.5, MACs: MACs{arch.Executed, 9, 4}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"dev":1e999}`))
	f.Add([]byte(`[]`))
	dir := stageDir(f.TempDir())
	f.Fuzz(func(t *testing.T, text []byte) {
		write(t, dir.file("result.json"), string(text))
		r, err := readResult(dir)
		if err != nil {
			unreadableFile(t, err, dir.file("result.json"))
			return
		}
		if err := writeJSON(dir.file("result.json"), r); err != nil {
			t.Fatal(err)
		}
		if again, err := readResult(dir); err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%+v comes back as %+v, %v", r, again, err)
		}
	})
}

// Whatever state.json holds, a stage goes on only from a step that it has, with a
// log that reaches as far.
func FuzzState(f *testing.F) {
	good, err := json.Marshal(state{Stage: "search", Data: "same", Step: 7, LogBytes: 4})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	for _, other := range []string{`"step":11`, `"step":-1`, `"log_bytes":6`, `"log_bytes":-1`, `"data":"other"`, `"stage":"retrain"`, `"window":{"steps":-9}`, `"encoders":1000000000`, `"encoders":-1`} {
		f.Add([]byte(strings.TrimSuffix(string(good), "}") + "," + other + "}"))
	}
	dir := stageDir(f.TempDir())
	if err := os.WriteFile(dir.file("metrics.jsonl"), []byte("line\n"), 0o644); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		write(t, dir.file("state.json"), string(text))
		tr := trainer{stepper: stepper{stage: stage{name: "search", conf: configs.Stage{Epochs: 2, BatchSize: 1, Accumulate: 1}}},
			dir: dir, task: &task{train: make([]data.Encoded, 5)}, state: state{Data: "same"}}
		if err := tr.restoreState(dir.file("state.json")); err != nil {
			return
		}
		if s := tr.state; s.Stage != "search" || s.Data != "same" || s.Step < 0 || s.Step > 10 || s.LogBytes < 0 || s.LogBytes > 5 || s.Encoders != 0 {
			t.Errorf("goes on from %+v", s)
		}
	})
}

// unreadableFile wants the error of data or model that names a file.
func unreadableFile(t *testing.T, err error, path string) {
	t.Helper()
	var named *model.Error
	if !errors.As(err, &named) || named.Path != path {
		t.Errorf("error %v names another file than %s", err, path)
	}
}

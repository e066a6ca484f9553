package rundir

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"testing"

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
	dir := StageDir(f.TempDir())
	f.Fuzz(func(t *testing.T, text []byte) {
		write(t, dir.Retention(), text)
		r, err := dir.ReadRetention()
		if err != nil {
			unreadableFile(t, err, dir.Retention())
			return
		}
		if share, encoder := r.Unreached(); share > 0 && encoder > len(r.R) {
			t.Errorf("encoder %d of %d has ranks that nothing reaches", encoder, len(r.R))
		}
		c := arch.DefaultBERT()
		c.NumHiddenLayers = len(r.Retention)
		c.PowerRetention = &retention.Configuration{MaxLength: r.MaxLength, Ranks: r.Ranks, Keep: r.Retention}
		if c.Validate() != nil {
			return
		}
		elimination := c.Elimination()
		if cost := c.Net().Cost(&elimination, 5, 5); cost <= 0 {
			t.Errorf("%s costs %d multiply-adds", text, cost)
		}
	})
}

// Whatever result.json holds, it is refused by name or comes back when written.
func FuzzResult(f *testing.F) {
	good, err := json.Marshal(Result{Stage: "finetune", Metric: "accuracy", Dev: 0.5, MACs: MACs{Executed, 9, 4}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"dev":1e999}`))
	f.Add([]byte(`[]`))
	dir := StageDir(f.TempDir())
	f.Fuzz(func(t *testing.T, text []byte) {
		write(t, dir.File(resultName), text)
		r, err := dir.Result()
		if err != nil {
			unreadableFile(t, err, dir.File(resultName))
			return
		}
		if err := WriteJSON(dir.File(resultName), r); err != nil {
			t.Fatal(err)
		}
		if again, err := dir.Result(); err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%+v comes back as %+v, %v", r, again, err)
		}
	})
}

// unreadableFile wants a *FileError that names a file.
func unreadableFile(t *testing.T, err error, path string) {
	t.Helper()
	var named *FileError
	if !errors.As(err, &named) || named.Path != path {
		t.Errorf("error %v names another file than %s", err, path)
	}
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Package exptest helps the tests of experiments: runs of a second that they share, and a
// browser that looks at pages.
package exptest

import (
	"context"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/internal/atomicfile"
	"github.com/powerbert/powerbert/metric"
	"github.com/powerbert/powerbert/pipeline"
)

// tiny is the demo recipe, made small.
var tiny = []string{
	"seed=3", "workers=1", "compat=paper", "data.demo.train=60", "data.demo.dev=45", "data.max_length=40",
	"encoder.layers=3", "encoder.hidden=16", "encoder.heads=2", "encoder.intermediate=24",
	"finetune.epochs=2", "finetune.min_steps=0", "finetune.batch_size=8", "finetune.lr=3e-3",
	"search.epochs=2", "search.min_steps=0", "search.batch_size=16", "search.lr_r=0.2", "search.lambda=0.01", "search.ranks=absolute",
	"retrain.epochs=1", "retrain.min_steps=0", "retrain.batch_size=16", "log_every=1",
}

// Learned are the settings of a run that has learned its labels to some degree.
var Learned = []string{"encoder.layers=4", "data.demo.train=400", "finetune.epochs=6", "finetune.lr=5e-3"}

// Run makes a tiny run in a directory, with some settings changed.
func Run(t testing.TB, dir string, overrides ...string) {
	t.Helper()
	if err := run(t.Context(), dir, overrides); err != nil {
		t.Fatal(err)
	}
}

func run(ctx context.Context, dir string, overrides []string) error {
	e, err := configs.Load("demo", append(append([]string{}, tiny...), overrides...))
	if err != nil {
		return err
	}
	_, err = pipeline.Run(ctx, e, pipeline.Options{Dir: dir})
	return err
}

// shared are the directories of runs that tests share, by their settings.
var shared struct {
	sync.Mutex
	scratch string
	dirs    map[string]string
}

// Main runs the tests of a package, which wait for no disk, and removes the runs that they
// shared.
func Main(m *testing.M) {
	atomicfile.Unsynced()
	code := m.Run()
	os.RemoveAll(shared.scratch)
	os.Exit(code)
}

// Shared is the directory of a tiny run that is made once for all tests, which leave its
// stages alone.
func Shared(t testing.TB, overrides ...string) string {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	settings := strings.Join(overrides, " ")
	if dir := shared.dirs[settings]; dir != "" {
		return dir
	}
	if shared.dirs == nil {
		scratch, err := os.MkdirTemp("", "exptest")
		if err != nil {
			t.Fatal(err)
		}
		shared.scratch, shared.dirs = scratch, map[string]string{}
	}
	dir, err := os.MkdirTemp(shared.scratch, "run")
	if err == nil {
		err = run(context.Background(), dir, overrides)
	}
	if err != nil {
		t.Fatal(err)
	}
	shared.dirs[settings] = dir
	return dir
}

// Copy puts a copy of a shared run into a directory.
func Copy(t testing.TB, dir string, overrides ...string) {
	t.Helper()
	if err := os.CopyFS(dir, os.DirFS(Shared(t, overrides...))); err != nil {
		t.Fatal(err)
	}
}

// Files writes the demo task's examples of a tiny run as files, so that they are the same
// whatever the seed, and returns the settings of a run that reads them.
func Files(t testing.TB) (overrides []string) {
	t.Helper()
	folder := t.TempDir()
	train, dev := data.DemoTask(data.DemoSize{Train: 60, Dev: 45, Seed: 3})
	for name, set := range map[string]*data.Set{"train.csv": train, "dev.csv": dev} {
		var text strings.Builder
		rows := csv.NewWriter(&text)
		rows.Write([]string{"text", "label"})
		for _, e := range set.Examples {
			rows.Write([]string{e.Text, set.Labels[e.Label]})
		}
		rows.Flush()
		Write(t, filepath.Join(folder, name), text.String())
	}
	vocab := filepath.Join(folder, "vocab.txt")
	Write(t, vocab, strings.Join(data.DemoVocabulary(), "\n")+"\n")
	return []string{"data.task=table", "data.text=[text]", "data.label=label", "data.dir=" + folder,
		"data.train=train.csv", "data.dev=dev.csv", "tokenizer.vocab=" + vocab, "data.demo.train=0", "data.demo.dev=0"}
}

// Write writes a file, and makes the folder that it is in.
func Write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Near wants two spreads to be equal up to rounding.
func Near(t testing.TB, name string, got, want metric.Spread) {
	t.Helper()
	for _, pair := range [][2]float64{{got.Mean, want.Mean}, {got.SD, want.SD}, {got.Min, want.Min}, {got.Max, want.Max}} {
		if math.Abs(pair[0]-pair[1]) > 1e-9 || got.N != want.N {
			t.Errorf("%s: %+v, want %+v", name, got, want)
			return
		}
	}
}

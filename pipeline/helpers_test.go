package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/hub"
	"github.com/powerbert/powerbert/pipeline/rundir"
	"github.com/powerbert/powerbert/pipeline/train"
)

// background is the context of a run that nobody interrupts.
var background = context.Background()

// stages are the three in order, and stageFuncs what runs them.
var stages = configs.Stages()

var stageFuncs = map[string]func(context.Context, *configs.Experiment, Options) (*rundir.Result, error){
	configs.StageFinetune: Finetune, configs.StageSearch: Search, configs.StageRetrain: Retrain,
}

// originals are run directories that tests start from, made once and copied.
var originals struct {
	sync.Mutex
	folder string
	made   map[string]string
}

// original is a copy, the test's own, of the run directory of a name; make fills
// it the first time.
func original(t *testing.T, name string, fill func(dir string) error) string {
	t.Helper()
	o := &originals
	o.Lock()
	defer o.Unlock()
	if o.made == nil {
		folder, err := os.MkdirTemp("", "pipeline")
		if err != nil {
			t.Fatal(err)
		}
		o.folder, o.made = folder, map[string]string{}
	}
	if o.made[name] == "" {
		dir := filepath.Join(o.folder, name)
		if err := fill(dir); err != nil {
			t.Fatal(err)
		}
		o.made[name] = dir
	}
	return copied(t, o.made[name])
}

// finished is a run directory of tiny with all stages complete.
func finished(t *testing.T) string {
	t.Helper()
	return original(t, "finished", func(dir string) error {
		_, err := Run(background, tiny(t), Options{Dir: dir})
		return err
	})
}

// copied is a copy of a folder, the test's own.
func copied(t *testing.T, from string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// stopped is a run directory of tiny whose stage was interrupted at a step, the
// stages before it complete.
func stopped(t *testing.T, stage string, step int) string {
	t.Helper()
	from := without(t, stages[slices.Index(stages, stage):]...)
	return original(t, fmt.Sprintf("%s-%d", stage, step), func(dir string) error {
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			return err
		}
		ctx, cancel := context.WithCancel(background)
		_, err := stageFuncs[stage](ctx, tiny(t), Options{Dir: dir, Report: when{stage, step, cancel}})
		if !errors.Is(err, ErrInterrupted) {
			return fmt.Errorf("interrupted %s ends with %v", stage, err)
		}
		return nil
	})
}

// without is a finished run with some of it removed.
func without(t *testing.T, names ...string) string {
	t.Helper()
	dir := finished(t)
	for _, name := range names {
		remove(t, filepath.Join(dir, name))
	}
	return dir
}

// when does something at a step of a stage.
type when struct {
	stage string
	step  int
	do    func()
}

func (w when) Report(p train.Progress) {
	if p.Stage == w.stage && p.Step == w.step && p.Reading == "" {
		w.do()
	}
}

func (when) Download(hub.Progress) {}
func (when) Close()                {}

// tree is what every file under a folder holds. A folder that is not there is
// empty.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return files
}

// keeps runs f and wants it to leave every file under dir as it is.
func keeps(t *testing.T, dir string, f func()) {
	t.Helper()
	before := tree(t, dir)
	f()
	after := tree(t, dir)
	for _, path := range slices.Sorted(maps.Keys(before)) {
		if text, ok := after[path]; !ok {
			t.Errorf("%s is gone", path)
		} else if text != before[path] {
			t.Errorf("%s has changed", path)
		}
	}
	for path := range after {
		if _, ok := before[path]; !ok {
			t.Errorf("%s is new", path)
		}
	}
}

// fails wants an error with exactly this message.
func fails(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want %q", want)
	} else if err.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// cut leaves the first half of a file.
func cut(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(text[:len(text)/2]))
}

// obstruct puts a folder where a file is.
func obstruct(t *testing.T, path string) {
	t.Helper()
	remove(t, path)
	write(t, filepath.Join(path, "inside"), "")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// long leaves a test that trains for long out of the inner loop.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("trains: not for the inner loop")
	}
}

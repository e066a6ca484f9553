package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/manifest"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// An answer is what a command said of a directory; loud: also that something is wrong.
type answer struct {
	text string
	loud bool
}

// asked carries out a command line in this process, as run does, and returns its answer
// without what differs from call to call.
func asked(ctx context.Context, args ...string) answer {
	var out, said bytes.Buffer
	code := run(ctx, args, &out, &said)
	text := elapsed.ReplaceAllString(out.String(), "")
	return answer{text, code != 0 || strings.Contains(said.String(), "is not as it was written")}
}

var elapsed = regexp.MustCompile(`"seconds": [0-9.e+-]+|"examples_per_second": [0-9.e+-]+`)

// questions are what commands read of a finished run: of each directory in it that a file
// may be in, those that a fault there could change.
func questions(dir string) map[string]func() answer {
	of := map[string]func() answer{}
	texts := filepath.Join(filepath.Dir(dir), "texts")
	for _, stage := range []string{"finetune", "search", "retrain", "retrain-int8"} {
		stage := stage
		of[stage] = func() (all answer) {
			path := filepath.Join(dir, stage)
			all = asked(context.Background(), "eval", path, "--json")
			if stage == configs.StageSearch { // whose model is for the next stage alone
				return all
			}
			more := asked(context.Background(), "predict", path, "--data", texts)
			return answer{all.text + more.text, all.loud || more.loud}
		}
	}
	of["run"] = func() answer {
		return asked(context.Background(), "run", filepath.Join(dir, "..", "tiny.yaml"), "--out", dir, "--json")
	}
	of["records"] = func() answer {
		text := ""
		for _, stage := range configs.Stages() {
			record, err := rundir.Stage(dir, stage).ReadRecord()
			if err != nil {
				return answer{"", true}
			}
			text += fmt.Sprintf("%+v", record.Steps) + fmt.Sprintf("%+v", record.Evaluations)
		}
		return answer{text, false}
	}
	return of
}

// finishedRun makes a run with an int8 model in a folder.
func finishedRun(t *testing.T, folder string) {
	t.Helper()
	config, err := os.ReadFile("testdata/tiny.yaml")
	if err := errors.Join(err, os.WriteFile(filepath.Join(folder, "tiny.yaml"), config, 0o644),
		os.WriteFile(filepath.Join(folder, "texts"), []byte("a nice film\nwhat a dull story\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(folder, "run")
	for _, args := range [][]string{{"run", filepath.Join(folder, "tiny.yaml"), "--out", dir}, {"quantize", filepath.Join(dir, "retrain")}} {
		var out, said bytes.Buffer
		if code := run(t.Context(), args, &out, &said); code != 0 {
			t.Fatalf("%v ends with %d: %s", args, code, said.String())
		}
	}
}

// files lists what there is to damage in a folder, by paths from there.
func files(t *testing.T, dir string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && !strings.HasPrefix(d.Name(), ".") {
			inside, _ := filepath.Rel(dir, path)
			paths = append(paths, inside)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// damage does one of the things to a file that disks and people do, and says which.
func damage(t *testing.T, random *rand.Rand, dir, name string, all []string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text, what := bytes.Clone(was), ""
	for bytes.Equal(text, was) {
		switch random.IntN(4) {
		case 0:
			text, what = was[:random.IntN(len(was))], "cut"
		case 1:
			from := random.IntN(len(was))
			text, what = bytes.Clone(was), "zeroed"
			clear(text[from:min(len(text), from+1+random.IntN(len(was)))])
		case 2:
			text, what = bytes.Clone(was), "bit flipped"
			text[random.IntN(len(text))] ^= 1 << random.IntN(8)
		case 3:
			other := all[random.IntN(len(all))]
			if alike := random.IntN(4) > 0; alike && filepath.Base(other) != filepath.Base(name) {
				continue
			}
			if text, err = os.ReadFile(filepath.Join(dir, other)); err != nil {
				t.Fatal(err)
			}
			what = "replaced by " + other
		}
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s %s", name, what)
}

// askedOf are the questions that a file of a run could change the answer to.
func askedOf(name string) []string {
	stage := filepath.Dir(name)
	switch filepath.Base(name) {
	case "metrics.jsonl":
		return []string{"records", "run"}
	case "experiment.yaml":
		return []string{"retrain", "run"}
	}
	if stage == "." {
		return []string{"run", "retrain"}
	}
	if stage == "retrain-int8" {
		return []string{stage}
	}
	return []string{stage, "run", "records"}
}

// Whatever happens to a file of a finished run, no command gives another answer without a
// word.
func TestDamageIsNotSilent(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	folder := t.TempDir()
	finishedRun(t, folder)
	whole := filepath.Join(folder, "run")
	want, all := map[string]answer{}, files(t, whole)
	for name, ask := range questions(whole) {
		if want[name] = ask(); want[name].loud {
			t.Fatalf("%s of the whole run: %s", name, want[name].text)
		}
	}
	random, tries, loud := rand.New(rand.NewPCG(7, 8)), *givenDamages, 0
	for try := range tries {
		dir := filepath.Join(folder, fmt.Sprint("try-", try))
		if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
			t.Fatal(err)
		}
		name := all[random.IntN(len(all))]
		what, ask, heard := damage(t, random, dir, name, all), questions(dir), false
		for _, question := range askedOf(name) {
			got := ask[question]()
			got.text = strings.ReplaceAll(got.text, dir, whole)
			heard = heard || got.loud
			if !got.loud && got.text != want[question].text {
				t.Errorf("%s: %s silently answers\n%s\nwant\n%s", what, question, got.text, want[question].text)
			}
		}
		if heard {
			loud++
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	if loud < tries*3/4 { // a card, and white space of a manifest, may be anything
		t.Errorf("%d of %d damages were heard of, want most", loud, tries)
	}
}

// A stop ends a context at the first line that tells of a stage's step.
type stop struct {
	at  string
	end context.CancelFunc
}

func (s stop) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(s.at)) {
		s.end()
	}
	return len(p), nil
}

// Whatever happens to a file of an interrupted run, it goes on to the same weights or
// stops, and discards nothing then.
func TestDamageToAnInterruptedRun(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	folder := t.TempDir()
	finishedRun(t, folder)
	config, half := filepath.Join(folder, "tiny.yaml"), filepath.Join(folder, "half")
	ctx, cancel := context.WithCancel(t.Context())
	if code := run(ctx, []string{"run", config, "--out", half}, &bytes.Buffer{}, stop{"search epoch 1/1 step 1", cancel}); code != exitInterrupted {
		t.Fatalf("the run ends with %d, want it interrupted", code)
	}
	want, all := weightsOf(t, filepath.Join(folder, "run")), files(t, half)
	if !slices.Contains(all, "search/checkpoint/weights.safetensors") {
		t.Fatalf("there is no checkpoint among %q", all)
	}
	random, tries := rand.New(rand.NewPCG(9, 10)), *givenDamages/4
	if testing.Short() {
		tries = 10
	}
	for try := range tries {
		dir := filepath.Join(folder, fmt.Sprint("try-", try))
		if err := os.CopyFS(dir, os.DirFS(half)); err != nil {
			t.Fatal(err)
		}
		what := damage(t, random, dir, all[random.IntN(len(all))], all)
		got := asked(t.Context(), "run", config, "--out", dir)
		if !got.loud && weightsOf(t, dir) != want {
			t.Errorf("%s: goes on silently to other weights", what)
		}
		for _, name := range all {
			if _, err := os.Stat(filepath.Join(dir, name)); got.loud && err != nil && !strings.Contains(name, "checkpoint") {
				t.Errorf("%s: the run stopped, and %s is gone", what, name)
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// weightsOf is a digest of the weights and logs of all stages, but for times.
func weightsOf(t *testing.T, dir string) string {
	t.Helper()
	hash := sha256.New()
	for _, stage := range configs.Stages() {
		for _, name := range []string{"model.safetensors", "config.json", "metrics.jsonl"} {
			text, err := os.ReadFile(filepath.Join(dir, stage, name))
			if err != nil {
				return err.Error()
			}
			hash.Write(speeds.ReplaceAll(text, nil))
		}
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

var speeds = regexp.MustCompile(`"examples_per_second":[0-9.e+-]+`)

// The manifest may be left out, as of directories from before.
func TestRunsWithoutManifests(t *testing.T) {
	folder := t.TempDir()
	finishedRun(t, folder)
	dir := filepath.Join(folder, "run")
	want := map[string]answer{}
	for name, ask := range questions(dir) {
		want[name] = ask()
	}
	for _, name := range files(t, dir) {
		if filepath.Base(name) == manifest.Name {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, ask := range questions(dir) {
		if got := ask(); got != want[name] {
			t.Errorf("%s answers %v, want %v", name, got, want[name])
		}
	}
}

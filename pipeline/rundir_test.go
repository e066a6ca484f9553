package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// What a run directory does not allow is refused by a message that says what to
// do, and changes nothing.
func TestRefusals(t *testing.T) {
	tests := []struct {
		name  string
		dir   func(t *testing.T) string
		stage string
		set   []string
		o     Options
		want  string // after the directory
	}{
		{"no fine-tuned model", empty, "search", nil, Options{}, ": no complete finetune stage here; run `train finetune CONFIG --out DIR` first"},
		{"no search", finetuned, "retrain", nil, Options{},
			": no complete search stage here; run `train search CONFIG --out DIR` first"},
		{"fine-tuning interrupted", func(t *testing.T) string { return stopped(t, "finetune", 5) }, "search", nil, Options{Resume: true},
			": no complete finetune stage here; run `train finetune CONFIG --out DIR --resume` first"},
		{"resume not asked for", func(t *testing.T) string { return stopped(t, "search", 3) }, "search", nil, Options{},
			"/search: was interrupted; go on with --resume, or start anew with --overwrite"},
		{"another seed", finished, "finetune", []string{"seed=6", "finetune.lr=2e-3", "log_every=7"}, Options{},
			": holds the finetune stage of another experiment (seed: 5 → 6, finetune.lr: 0.001 → 0.002); go back to its settings, use another --out, or --overwrite from that stage on"},
		{"another lambda", finished, "retrain", []string{"search.lambda=0.5"}, Options{Overwrite: true},
			": holds the search stage of another experiment (search.lambda: 0.01 → 0.5); go back to its settings, use another --out, or --overwrite from that stage on"},
		{"another number of workers to resume", func(t *testing.T) string { return stopped(t, "finetune", 5) }, "finetune", []string{"workers=1"},
			Options{Resume: true}, ": holds the finetune stage of another experiment (workers: 2 → 1); go back to its settings, use another --out, or --overwrite from that stage on"},
		{"another place of the vocabulary", finished, "search", []string{"tokenizer.vocab=vocab.txt"}, Options{},
			": holds the finetune stage of another experiment (tokenizer.vocab:  → vocab.txt); go back to its settings, use another --out, " +
				"or --overwrite from that stage on; if the same files have only moved, say so in DIR/experiment.yaml"},
		{"a stage was taken out", func(t *testing.T) string { return without(t, "finetune") }, "finetune", nil, Options{Resume: true},
			": holds the search stage, but not the finetune stage before it; discard it with --overwrite"},
		{"folders of other people", func(t *testing.T) string { return without(t, "experiment.yaml") }, "finetune", nil, Options{Overwrite: true},
			": holds finetune but no experiment.yaml, so it is no run directory; use another --out"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := test.dir(t)
			test.o.Dir = dir
			keeps(t, dir, func() {
				_, err := stageFuncs[test.stage](background, tiny(t, test.set...), test.o)
				fails(t, err, dir+strings.ReplaceAll(test.want, "DIR", dir))
			})
		})
	}
}

// empty is a directory that is not there.
func empty(t *testing.T) string { return filepath.Join(t.TempDir(), "run") }

// A checkpoint goes on only with the data it was made on.
func TestResumeWantsTheSameData(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	train := filepath.Join(t.TempDir(), "train.csv")
	write(t, train, "text,label\n"+strings.Repeat("good film,1\nbad film,0\n", 30))
	vocab := filepath.Join(finished(t), "finetune")
	load := func() *configs.Experiment {
		return tiny(t, "data.task=table", "data.train="+train, "data.dev="+train, "data.text=[text]", "data.label=label",
			"tokenizer.vocab="+vocab)
	}
	ctx, cancel := context.WithCancel(background)
	if _, err := Finetune(ctx, load(), Options{Dir: dir, Report: when{"finetune", 3, cancel}}); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	write(t, train, "text,label\n"+strings.Repeat("bad film,0\ngood film,1\n", 30))
	keeps(t, dir, func() {
		_, err := Finetune(background, load(), Options{Dir: dir, Resume: true})
		fails(t, err, dir+"/finetune/checkpoint: checkpoint is not usable: the data have changed since it was made: put them back as they were; start the stage anew with --overwrite")
	})
}

// What stands on a stage has its data.
func TestLaterStagesWantTheSameData(t *testing.T) {
	long(t)
	folder, vocab := t.TempDir(), filepath.Join(finished(t), "finetune")
	train, dev := filepath.Join(folder, "train.csv"), filepath.Join(folder, "dev.csv")
	fill := func(path string, rows int) {
		write(t, path, "text,label\n"+strings.Repeat("good film,1\nbad film,0\n", rows))
	}
	fill(train, 30)
	fill(dev, 10)
	dir := filepath.Join(folder, "run")
	load := func() *configs.Experiment {
		return tiny(t, "data.task=table", "data.train="+train, "data.dev="+dev, "data.text=[text]", "data.label=label", "tokenizer.vocab="+vocab)
	}
	if _, err := Finetune(background, load(), Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"training": train, "dev": dev} {
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		fill(path, 5)
		keeps(t, dir, func() {
			_, err := Search(background, load(), Options{Dir: dir})
			fails(t, err, dir+": the finetune stage had another "+name+" set; put back the data of the run, or begin anew with another --out")
		})
		write(t, path, string(before))
	}
	if _, err := Search(background, load(), Options{Dir: dir}); err != nil {
		t.Error(err)
	}
}

// Two processes do not work on one run directory.
func TestRunDirectoryIsLocked(t *testing.T) {
	dir := without(t, "retrain")
	other := flock.New(filepath.Join(dir, ".lock"))
	if mine, err := other.TryLock(); !mine || err != nil {
		t.Fatal(mine, err)
	}
	defer other.Close()
	keeps(t, dir, func() {
		_, err := Retrain(background, tiny(t), Options{Dir: dir})
		fails(t, err, dir+": another process is at work on it; wait for that, or use another --out")
	})
}

// A stage that is complete is not run again: it gives the result it gave, and
// touches no file.
func TestCompleteStagesAreNotRunAgain(t *testing.T) {
	dir := finished(t)
	long := time.Now().Add(-time.Hour)
	for path := range tree(t, dir) {
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	keeps(t, dir, func() {
		results, err := Run(background, tiny(t), Options{Dir: dir})
		if err != nil || len(results) != 3 {
			t.Fatalf("%d results, error %v", len(results), err)
		}
		for i, r := range results {
			want := rundir.Result{}
			if err := json.Unmarshal([]byte(read(t, filepath.Join(dir, stages[i], "result.json"))), &want); err != nil {
				t.Fatal(err)
			}
			want.Dir, want.Retention = filepath.Join(dir, stages[i]), r.Retention
			if !reflect.DeepEqual(*r, want) || (r.Retention != nil) != (stages[i] == "search") {
				t.Errorf("%s gives %+v, want %+v", stages[i], r, want)
			}
		}
	})
	for path := range tree(t, dir) {
		if s, err := os.Stat(path); err != nil || time.Since(s.ModTime()) < time.Minute {
			t.Errorf("%s was touched (%v)", path, err)
		}
	}
}

// --overwrite runs a stage anew, to the same bits, keeps the stages before it
// and discards those after it.
func TestOverwrite(t *testing.T) {
	dir, want := finished(t), finished(t)
	keeps(t, filepath.Join(dir, "finetune"), func() {
		if _, err := Search(background, tiny(t, "retrain.lr=0.5"), Options{Dir: dir, Overwrite: true}); err != nil {
			t.Fatal(err)
		}
	})
	if exists(filepath.Join(dir, "retrain")) {
		t.Error("the retrain stage, which stood on the search, is still there")
	}
	sameFile(t, filepath.Join(dir, "search/model.safetensors"), filepath.Join(want, "search/model.safetensors"))
	now, err := configs.Load(filepath.Join(dir, "experiment.yaml"), nil)
	if err != nil || now.Retrain.LR != 0.5 {
		t.Errorf("experiment.yaml has retrain.lr %v (%v), want that of the last run", now.Retrain.LR, err)
	}
}

// --overwrite discards nothing before it is clear that the stage can start.
func TestOverwriteKeepsWhatItCannotReplace(t *testing.T) {
	dir := finished(t)
	bad := tiny(t)
	bad.Model = filepath.Join(dir, "nothing-here")
	keeps(t, dir, func() {
		_, err := Finetune(background, bad, Options{Dir: dir, Overwrite: true})
		if err == nil {
			t.Error("no error for a model that is not there")
		}
	})
}

// A dry run goes to a directory of its own, as often as one likes.
func TestDryRun(t *testing.T) {
	long(t)
	dir := finished(t)
	keeps(t, dir, func() {
		for _, lr := range []string{"retrain.lr=1e-3", "finetune.lr=2e-3"} {
			results, err := Run(background, tiny(t, lr), Options{Dir: dir, MaxSteps: 3})
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range results {
				if r.Dir != filepath.Join(dir+".dry", stages[i]) || !rundir.StageDir(r.Dir).Complete() {
					t.Errorf("dry %s has its result in %s", stages[i], r.Dir)
				}
				if lines := stepLines(t, r.Dir); lines[len(lines)-1].Step != 3 {
					t.Errorf("dry %s ends at step %d, want 3", stages[i], lines[len(lines)-1].Step)
				}
			}
		}
	})
	remove(t, dir+".dry")
	if _, err := Finetune(background, tiny(t), Options{Dir: dir + "/", MaxSteps: 1}); err != nil || !exists(dir+".dry") {
		t.Errorf("dry run in %s/: error %v, want it in %[1]s.dry", dir, err)
	}
	remove(t, dir+".dry")
	_, err := Search(background, tiny(t), Options{Dir: dir, MaxSteps: 3})
	fails(t, err, dir+".dry: no complete finetune stage here; run `train finetune CONFIG --out "+dir+" --max-steps 3` first")
}

// Two processes begin the same stage; the one that comes to the lock later finds it
// done and keeps what the other has made.
func TestAStageThatAnotherProcessCompletesMeanwhile(t *testing.T) {
	dir, e := empty(t), tiny(t)
	o := Options{Dir: dir}.prepare(e)
	var first *rundir.Result
	load := func() (*task, error) {
		var err error
		if first, err = Finetune(background, e, Options{Dir: dir}); err != nil {
			return nil, err
		}
		return loadTask(background, e, o)
	}
	second, err := perform(background, e, o, "finetune", load, firstStage)
	if err != nil || !reflect.DeepEqual(first, second) {
		t.Errorf("the later one comes to %+v (%v), want %+v", second, err, first)
	}
}

// What a live process writes is not swept away by one that looks in.
func TestALockedRunIsNotCleaned(t *testing.T) {
	dir := without(t, "retrain")
	partial := filepath.Join(dir, "retrain", ".model.safetensors.partial-0123456789abcdef")
	if err := errors.Join(os.MkdirAll(filepath.Dir(partial), 0o755), os.WriteFile(partial, nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	l := flock.New(filepath.Join(dir, ".lock"))
	if mine, err := l.TryLock(); err != nil || !mine {
		t.Fatal(mine, err)
	}
	_, err := Retrain(background, tiny(t), Options{Dir: dir})
	fails(t, err, dir+": another process is at work on it; wait for that, or use another --out")
	if !exists(partial) {
		t.Error("the file that a live process writes is gone")
	}
	l.Close()
	if _, err := Retrain(background, tiny(t), Options{Dir: dir}); err != nil || exists(partial) {
		t.Errorf("error %v; what a dead process left is there: %v", err, exists(partial))
	}
}

// Who works on a trial of a run's stage 1 keeps it from being discarded meanwhile.
func TestAHeldStageIsNotDiscarded(t *testing.T) {
	dir := finished(t)
	first, err := rundir.HoldFinetune(dir)
	second, also := rundir.HoldFinetune(dir)
	if err != nil || also != nil {
		t.Fatal(err, also)
	}
	first()
	keeps(t, dir, func() {
		_, err := Finetune(background, tiny(t), Options{Dir: dir, Overwrite: true})
		fails(t, err, dir+": another process is at work on a trial of its finetune stage; wait for that, or use another --out")
	})
	second()
	if _, err := Finetune(background, tiny(t), Options{Dir: dir, Overwrite: true}); err != nil {
		t.Error(err)
	}
	none := empty(t)
	_, err = rundir.HoldFinetune(none)
	fails(t, err, none+": no complete finetune stage here; run `train finetune CONFIG --out "+none+"` first")
}

// A refusal leaves alone what it refuses: nothing is cleaned in a directory that is none
// of the program's.
func TestARefusedDirectoryIsNotCleaned(t *testing.T) {
	dir := finished(t)
	remove(t, filepath.Join(dir, "experiment.yaml"))
	if err := os.MkdirAll(filepath.Join(dir, "finetune", "checkpoint"), 0o755); err != nil {
		t.Fatal(err)
	}
	keeps(t, dir, func() {
		_, err := Finetune(background, tiny(t), Options{Dir: dir})
		fails(t, err, dir+": holds finetune but no experiment.yaml, so it is no run directory; use another --out")
	})
}

// A kill between the result and the end leaves a checkpoint that nobody needs.
func TestALeftCheckpointGoes(t *testing.T) {
	dir := finished(t)
	left := filepath.Join(dir, "search", "checkpoint")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Search(background, tiny(t), Options{Dir: dir}); err != nil || exists(left) {
		t.Errorf("error %v; the checkpoint is there: %v", err, exists(left))
	}
}

// Only METHOD-LAYERS is a student's.
func TestFoldersOfOthersStay(t *testing.T) {
	dir := finished(t)
	plots := filepath.Join(dir, "pkd-plots")
	if err := os.Mkdir(plots, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Finetune(background, tiny(t), Options{Dir: dir, Overwrite: true}); err != nil || !exists(plots) {
		t.Errorf("error %v; pkd-plots is there: %v", err, exists(plots))
	}
}

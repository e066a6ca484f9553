package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/infer"
)

// labelledTable are the overrides for a table of two labels, by whether "a" is in the text.
func labelledTable(t *testing.T, dir string) []string {
	t.Helper()
	var rows strings.Builder
	for i := range 80 {
		rows.WriteString([]string{"x a y,yes\n", "y z x,no\n", "z a,yes\n", "w w x z,no\n"}[i%4])
	}
	write(t, filepath.Join(dir, "train.csv"), "text,label\n"+rows.String())
	write(t, filepath.Join(dir, "dev.csv"), "text,label\na x,yes\nx x,no\nz z a y,yes\n")
	write(t, filepath.Join(dir, "vocab.txt"), tinyVocabulary)
	return []string{"data.task=table", "data.dir=" + dir, "data.train=train.csv", "data.dev=dev.csv", "data.text=[text]", "data.label=label", "data.metric=accuracy",
		"tokenizer.vocab=" + filepath.Join(dir, "vocab.txt"), "data.max_length=24"}
}

// unlabelledFile is 37 texts that no example has.
func unlabelledFile(t *testing.T) string {
	t.Helper()
	var rows strings.Builder
	for i := range 37 {
		fmt.Fprintf(&rows, "%s d %s\n", strings.Repeat("d ", i), []string{"a", "b", "c x"}[i%3])
	}
	path := filepath.Join(t.TempDir(), "texts.txt")
	write(t, path, rows.String())
	return path
}

// teaching are the overrides of a stage 3 that learns from texts without labels.
func teaching(file string) []string {
	return []string{"data.unlabelled=" + file, "retrain.distil.alpha=0.5", "retrain.retention=[9,4]"}
}

// answered is the task of a run, and what it is to stage 3.
func answered(t *testing.T, r *run) (whole, own *task, s stage) {
	t.Helper()
	whole, err := loadTask(background, r.exp, r.Options)
	if err == nil {
		s, err = thirdStage(r, whole)
	}
	if err == nil {
		own, err = whole.answered(background, r, &s, r.plan(s.name, whole))
	}
	if err != nil {
		t.Fatal(err)
	}
	return whole, own, s
}

// Texts without labels come behind the training examples of stage 3, with what stage 1's
// model says of each, which it is not asked again; other stages have none.
func TestUnlabelledAreAnswered(t *testing.T) {
	long(t)
	for _, kind := range []string{"a label", "several labels", "scores"} {
		dir, texts := t.TempDir(), unlabelledFile(t)
		var e *configs.Experiment
		switch kind {
		case "a label":
			e = tiny(t, append(labelledTable(t, dir), teaching(texts)...)...)
		case "several labels":
			e = problemOf(t, data.TaskTable, teaching(texts)...)
		default:
			pairs := "sentence1\tsentence2\n"
			for i := range 37 {
				pairs += strings.Repeat("d ", i%9) + "a b\t" + strings.Repeat("x ", i/9) + "b\n"
			}
			write(t, filepath.Join(dir, "pairs.tsv"), pairs)
			e = problemOf(t, data.TaskSTSB, teaching(filepath.Join(dir, "pairs.tsv"))...)
		}
		foretold, err := NewEstimate(background, e, Options{Dir: filepath.Join(dir, "none")}, 0)
		if err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(dir, "run")
		first, err := Finetune(background, e, Options{Dir: out})
		if err != nil || first.Unlabelled != 0 {
			t.Fatalf("%s: %+v (%v)", kind, first, err)
		}
		r := &run{Options: Options{Dir: out}.prepare(e), exp: e}
		whole, own, s := answered(t, r)
		n := len(whole.Train)
		if len(own.Train) != n+whole.texts() || own.Digest != whole.Digest+data.Fingerprint(whole.unlabelled.set) || own.unlabelled != nil || !reflect.DeepEqual(own.Train[:n], whole.Train) {
			t.Errorf("%s: %d training examples, were %d", kind, len(own.Train), n)
		}
		if before, after := r.plan(s.name, whole), r.plan(s.name, own); !reflect.DeepEqual(before, after) || before.Train != len(own.Train) || r.plan(configs.StageSearch, whole).Train != n {
			t.Errorf("%s: planned %+v, then %+v", kind, before, after)
		}
		for _, stage := range foretold.Stages {
			if p := r.plan(stage.Stage, whole); stage.StepsPerEpoch != p.StepsPerEpoch() || !(stage.Seconds.Likely > 0) {
				t.Errorf("%s: %+v is foretold, want %d steps", kind, stage, p.StepsPerEpoch())
			}
		}
		m, err := infer.Open(first.Dir, 24)
		if err != nil {
			t.Fatal(err)
		}
		pass, err := m.Run(background, own.Train[n:], 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range own.Train[n:] {
			logits := pass.Outputs.Logits[i]
			right := e.Label == slices.Index(logits, slices.Max(logits)) && e.Targets == nil
			if kind == "scores" {
				right = e.Targets[0] == float64(logits[0])
			}
			if kind == "several labels" {
				right = len(e.Targets) == 3
				for k, v := range logits {
					right = right && (e.Targets[k] > 0.5) == (v > 0) && e.Targets[k] > 0 && e.Targets[k] < 1
				}
			}
			if !right {
				t.Errorf("%s: text %d is answered %d, %v by the logits %v", kind, i, e.Label, e.Targets, logits)
			}
		}
	}
}

// A short trial reads those that it comes to, another one of the same data what is left, and
// no text is read twice; what has not been read is not answered. To draw from labels alike all
// are read.
func TestTextsAreReadOnce(t *testing.T) {
	long(t)
	dir := t.TempDir()
	set := append(labelledTable(t, dir), teaching(unlabelledFile(t))...)
	out := filepath.Join(dir, "run")
	if _, err := Finetune(background, tiny(t, set...), Options{Dir: out}); err != nil {
		t.Fatal(err)
	}
	var whole *task
	read := 0
	for _, c := range []struct {
		set  []string
		want int // of the texts, read by now; 0: some
	}{{[]string{"retrain.steps=2"}, 0}, {[]string{"retrain.steps=2"}, 0}, {[]string{"finetune.sampling=balanced", "retrain.steps=2"}, 37}, {nil, 37}} {
		e := tiny(t, append(set, c.set...)...)
		var log strings.Builder
		r := &run{Options: Options{Dir: out, Log: slog.New(slog.NewTextHandler(&log, nil)), read: whole}.prepare(e), exp: e}
		var own *task
		var s stage
		whole, own, s = answered(t, r)
		_, met := whole.met(r.plan(s.name, whole))
		now := 0
		for i, said := range whole.unlabelled.said {
			if said != nil {
				now++
			} else if e := own.Train[len(whole.Train)+i]; e.Label != 0 || slices.Contains(met, i) {
				t.Errorf("%v: text %d is answered %d and was not read", c.set, i, e.Label)
			}
		}
		if asked := strings.Contains(log.String(), "reads texts"); asked != (now > read) || now < len(met) || c.want > 0 && now != c.want || now == 0 {
			t.Errorf("%v: %d texts are read, were %d, of %d met; asked %v", c.set, now, read, len(met), asked)
		}
		if c.want == 0 && (now > 32 || now != len(met)) {
			t.Errorf("%v: %d texts are read in two steps of 16", c.set, now)
		}
		read = now
	}
}

// Stage 3 and students learn from them, to the same bits after an interruption, and say of
// how many; what they are has no say in the stages before.
func TestUnlabelledTeach(t *testing.T) {
	long(t)
	dir := t.TempDir()
	table, with := labelledTable(t, dir), teaching(unlabelledFile(t))
	e := tiny(t, append(table, with...)...)
	without := tiny(t, append(table, with[1:]...)...)
	out := filepath.Join(dir, "run")
	if _, err := Finetune(background, without, Options{Dir: out}); err != nil {
		t.Fatal(err)
	}
	plain := copied(t, out)
	if _, err := Retrain(background, without, Options{Dir: plain}); err != nil {
		t.Fatal(err)
	}
	stopped := copied(t, out)
	result, err := Retrain(background, e, Options{Dir: out})
	if err != nil || result.Unlabelled != 37 {
		t.Fatalf("%+v (%v)", result, err)
	}
	weights := func(dir string) string { return tree(t, dir)[filepath.Join(dir, "retrain", "model.safetensors")] }
	if weights(out) == weights(plain) {
		t.Error("they teach nothing")
	}
	if card := tree(t, out)[filepath.Join(out, "retrain", "README.md")]; !strings.Contains(card, "Trained on 80 examples") || !strings.Contains(card, "Of 37 texts without labels it learned") {
		t.Errorf("the card says\n%s", card)
	}
	ctx, cancel := context.WithCancel(background)
	if _, err := Retrain(ctx, e, Options{Dir: stopped, Report: when{"retrain", 5, cancel}}); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	if _, err := Retrain(background, without, Options{Dir: stopped, Resume: true}); err == nil {
		t.Error("it goes on without them")
	}
	if _, err := Retrain(background, e, Options{Dir: stopped, Resume: true}); err != nil {
		t.Fatal(err)
	}
	if weights(stopped) != weights(out) {
		t.Error("an interrupted stage goes on to other bits")
	}
	labelled := filepath.Join(dir, "texts.csv")
	rows, err := os.ReadFile(strings.TrimPrefix(with[0], "data.unlabelled="))
	if err != nil {
		t.Fatal(err)
	}
	write(t, labelled, "text,label\n"+strings.ReplaceAll(string(rows), "\n", ",yes\n"))
	if _, err := Calibrate(background, filepath.Join(out, "retrain"), labelled); err == nil || !strings.Contains(err.Error(), "has no row that the stages did not learn from") {
		t.Errorf("calibrated on texts that taught: %v", err)
	}
	student, err := Distil(background, e, Options{Dir: out}, Student{configs.MethodPKD, 1})
	if err == nil {
		t.Errorf("a student of pkd with one encoder: %+v", student)
	}
	if student, err = Distil(background, e, Options{Dir: out}, Student{configs.MethodDistilBERT, 1}); err != nil || student.Unlabelled != 37 {
		t.Errorf("%+v (%v)", student, err)
	}
}

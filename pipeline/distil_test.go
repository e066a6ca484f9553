package pipeline

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/model"
)

var taught = []string{"retrain.distil.alpha=0.5", "retrain.distil.temperature=3"}

// A teacher has a say in what is trained, its share and its temperature do, and its
// absence leaves the bits as they are.
func TestRetrainWithATeacher(t *testing.T) {
	seen := map[string]string{}
	plain := finished(t)
	seen[tree(t, plain)[filepath.Join(plain, "retrain/model.safetensors")]] = "no teacher"
	for _, set := range [][]string{taught, {"retrain.distil.alpha=1"}, {"retrain.distil.alpha=0.5"}, {"retrain.distil.temperature=9"}} {
		dir := without(t, "retrain")
		if _, err := Retrain(background, tiny(t, set...), Options{Dir: dir}); err != nil {
			t.Fatal(err)
		}
		name := strings.Join(set, " ")
		weights := tree(t, dir)[filepath.Join(dir, "retrain/model.safetensors")]
		if off := name == "retrain.distil.temperature=9"; (seen[weights] != "") != off {
			t.Errorf("%s trains what %q trains", name, seen[weights])
		}
		seen[weights] = name
	}
}

func TestInterruptedTeachingGoesOn(t *testing.T) {
	want, dir := without(t, "retrain"), without(t, "retrain")
	if _, err := Retrain(background, tiny(t, taught...), Options{Dir: want}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(background)
	if _, err := Retrain(ctx, tiny(t, taught...), Options{Dir: dir, Report: when{"retrain", 5, cancel}}); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	if _, err := Retrain(background, tiny(t, taught...), Options{Dir: dir, Resume: true}); err != nil {
		t.Fatal(err)
	}
	sameFile(t, filepath.Join(dir, "retrain/model.safetensors"), filepath.Join(want, "retrain/model.safetensors"))
	sameSteps(t, filepath.Join(dir, "retrain/metrics.jsonl"), filepath.Join(want, "retrain/metrics.jsonl"))
}

// The teacher of each sequence is stage 1's model on that sequence, whichever worker
// has it.
func TestTeachersSayWhatStage1Says(t *testing.T) {
	dir := finished(t)
	e := tiny(t, taught...)
	task, err := loadTask(background, e, Options{}.prepare(e))
	if err != nil {
		t.Fatal(err)
	}
	r := &run{Options: Options{Dir: dir}, exp: e}
	s, err := planRetrain(r, task)
	if err != nil {
		t.Fatal(err)
	}
	step, err := newStepper(s, 2, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer step.close()
	parts := [][]int{{3, 0}, {5, 1, 2}}
	for w, part := range parts {
		fill(step.nets[w].Batch, task.train, part, 0)
	}
	if err := step.teach(task.train, parts); err != nil {
		t.Fatal(err)
	}
	config, params, err := r.from("finetune", task)
	if err != nil {
		t.Fatal(err)
	}
	nets, err := newReplicas(1, config, params, nil, model.Use{})
	if err != nil {
		t.Fatal(err)
	}
	defer nets.close()
	for w, part := range parts {
		for k, i := range part {
			out, err := evaluate(background, nets, []data.Encoded{task.train[i]}, 0)
			if err != nil {
				t.Fatal(err)
			}
			for c, want := range out.Logits[0] {
				if got := step.nets[w].Batch.Teacher[2*k+c]; got < float64(want)-1e-5 || got > float64(want)+1e-5 {
					t.Errorf("example %d, class %d: the teacher says %v, want %v", i, c, got, want)
				}
			}
		}
	}
}

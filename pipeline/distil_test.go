package pipeline

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
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

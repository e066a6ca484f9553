package pipeline

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

var taught = []string{"retrain.distil.alpha=0.5", "retrain.distil.temperature=3"}

// A teacher has a say in what is trained, its share and its temperature do, and its
// absence leaves the bits as they are.
func TestRetrainWithATeacher(t *testing.T) {
	long(t)
	seen := map[string]string{}
	plain := finished(t)
	seen[tree(t, plain)[filepath.Join(plain, "retrain/model.safetensors")]] = "no teacher"
	for _, set := range [][]string{taught, {"retrain.distil.alpha=1"}, {"retrain.distil.alpha=0.5"}, {"retrain.distil.cls=100"}, {"retrain.distil.temperature=9"}} {
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

// A student of as many encoders follows each but the last, one of fewer at equal distances.
func TestFollowedEncoders(t *testing.T) {
	for own, want := range map[int][]int{6: {0, 1, 2, 3, 4}, 3: {1, 3}, 4: {0, 2, 3}, 1: nil} {
		if got := followed(own, 6); !slices.Equal(got, want) {
			t.Errorf("%d encoders follow %v of 6, want %v", own, got, want)
		}
	}
}

// So it is in the search.
func TestSearchWithATeacher(t *testing.T) {
	long(t)
	seen := map[string]string{}
	plain := finished(t)
	seen[tree(t, plain)[filepath.Join(plain, "search/model.safetensors")]] = "no teacher"
	for _, set := range []string{"search.distil.alpha=0.5", "search.distil.alpha=1", "search.distil.cls=100", "search.distil.temperature=9", "retrain.distil.cls=9"} {
		dir := without(t, "search", "retrain")
		if _, err := Search(background, tiny(t, set), Options{Dir: dir}); err != nil {
			t.Fatal(err)
		}
		found := tree(t, dir)[filepath.Join(dir, "search/model.safetensors")]
		if off := strings.HasSuffix(set, "=9"); (seen[found] != "") != off {
			t.Errorf("%s trains what %q trains", set, seen[found])
		}
		seen[found] = set
	}
}

func TestInterruptedTeachingGoesOn(t *testing.T) {
	long(t)
	interrupted(t, "retrain", Retrain, append(taught, "retrain.distil.cls=50"))
	interrupted(t, "search", Search, []string{"search.distil.alpha=0.5", "search.distil.cls=50"})
}

// interrupted holds a stage that went on after Ctrl-C against one that was left alone.
func interrupted(t *testing.T, name string, run func(context.Context, *configs.Experiment, Options) (*rundir.Result, error), set []string) {
	t.Helper()
	stages := []string{"search", "retrain"}
	want, dir := without(t, stages[slices.Index(stages, name):]...), without(t, stages[slices.Index(stages, name):]...)
	if _, err := run(background, tiny(t, set...), Options{Dir: want}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(background)
	if _, err := run(ctx, tiny(t, set...), Options{Dir: dir, Report: when{name, 5, cancel}}); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	if _, err := run(background, tiny(t, set...), Options{Dir: dir, Resume: true}); err != nil {
		t.Fatal(err)
	}
	sameFile(t, filepath.Join(dir, name, "model.safetensors"), filepath.Join(want, name, "model.safetensors"))
	sameSteps(t, filepath.Join(dir, name, "metrics.jsonl"), filepath.Join(want, name, "metrics.jsonl"))
}

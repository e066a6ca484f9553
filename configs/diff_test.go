package configs

import (
	"reflect"
	"testing"
)

func TestDiffAndWhatItAffects(t *testing.T) {
	was := load(t, "data: {task: demo, labels: ['a b', c]}\n")
	now := *was
	now.Name, now.Seed, now.LogEvery, now.Quantize = "other", 2, 3, true
	now.Data.Labels = []string{"a", "b c"}
	now.Search.Lambda, now.Retrain.Epochs = 1, 9
	now.Students.Epochs, now.Students.PKD.Beta, now.Finetune.LR = 9, 7, 1
	affected := map[string][]string{}
	for _, d := range Diff(was, &now) {
		affected[d.Key] = nil
		for _, stage := range []string{StageFinetune, StageSearch, StageRetrain, "distilbert-6", "pkd-3"} {
			if d.Affects(stage) {
				affected[d.Key] = append(affected[d.Key], stage)
			}
		}
	}
	all := []string{StageFinetune, StageSearch, StageRetrain, "distilbert-6", "pkd-3"}
	want := map[string][]string{
		"name": nil, "log_every": nil, "quantize": nil,
		"seed": all, "data.labels": all,
		"search.lambda":  {StageSearch, StageRetrain},
		"retrain.epochs": {StageRetrain},
		"finetune.lr":    all,
		"distil.epochs":  {"distilbert-6", "pkd-3"}, "distil.pkd.beta": {"pkd-3"},
	}
	moved := *was
	moved.Tokenizer.Vocab, moved.Data.Dir, moved.Seed = "there/vocab.txt", "there", 2
	for _, d := range Diff(was, &moved) {
		if !d.Affects(StageFinetune) || d.Path() != (d.Key != "seed") {
			t.Errorf("%s: affects stage 1 %v, a path %v", d, d.Affects(StageFinetune), d.Path())
		}
	}
	if !reflect.DeepEqual(affected, want) {
		t.Errorf("got  %v\nwant %v", affected, want)
	}
	if diff := Diff(was, was); diff != nil {
		t.Errorf("differs from itself: %v", diff)
	}
}

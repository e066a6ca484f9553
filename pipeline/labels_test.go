package pipeline

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
)

// How labels count has a say in the loss of every stage and student. Stage 1 learns at a
// rate that changes nothing after its weights are drawn, so all stages begin alike.
func TestLabelsCountInEveryStage(t *testing.T) {
	long(t)
	weights := func(overrides ...string) map[string][]byte {
		e := tiny(t, append(overrides, "finetune.lr=1e-60", "finetune.epochs=1", "search.epochs=1", "retrain.epochs=1", "distil.epochs=1", "data.demo.train=32")...)
		dir := t.TempDir()
		for _, stage := range stages {
			if _, err := stageFuncs[stage](background, e, Options{Dir: dir}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Distil(background, e, Options{Dir: dir}, Student{configs.MethodDistilBERT, 1}); err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{}
		for _, stage := range append([]string{"distilbert-1"}, stages...) {
			text, err := os.ReadFile(filepath.Join(dir, stage, "model.safetensors"))
			if err != nil {
				t.Fatal(err)
			}
			files[stage] = text
		}
		return files
	}
	plain := weights()
	for _, how := range []string{"finetune.class_weights={negative: 3}", "finetune.label_smoothing=0.2", "finetune.sampling=balanced"} {
		for stage, text := range weights(how) {
			if same := bytes.Equal(text, plain[stage]); same != (stage == configs.StageFinetune) {
				t.Errorf("%s: the weights of %s are those without it: %v", how, stage, same)
			}
		}
	}
}

func TestWeightsOfLabelsThatAreNotThere(t *testing.T) {
	_, err := Finetune(background, tiny(t, "finetune.class_weights={Positive: 3}"), Options{Dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), `finetune.class_weights names "Positive", but the labels are ["negative" "positive"]`) {
		t.Errorf("%v", err)
	}
}

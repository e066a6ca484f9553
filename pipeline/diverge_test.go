package pipeline

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline/rundir"
)

// poison runs the fine-tuning of tiny and spoils a weight after a step.
func poison(t *testing.T, dir, tensor string, step int, value float32) error {
	t.Helper()
	var params *model.Params[float32]
	spoil := when{"finetune", step, func() { params.Slice(tensor)[0] = value }}
	_, err := runStage(background, tiny(t), Options{Dir: dir, Report: spoil}, configs.StageFinetune,
		func(r *run, t *task) (stage, error) {
			s, err := firstStage(r, t)
			params = s.learner.Params
			return s, err
		})
	return err
}

// A value that is not finite stops the run. The error says at which step and
// where in the network it began; the last checkpoint is one from before, and
// going on from it ends with the bits of a run that nothing happened to.
func TestNaNStopsTheRun(t *testing.T) {
	long(t)
	nan, infinity := float32(math.NaN()), float32(math.Inf(1))
	tests := []struct {
		name, tensor string
		step         int // after which the weight is spoilt
		value        float32
		want         string
	}{
		// Checkpoints are due after steps 2, 4, …: that of a step is made at the next.
		{"in the last encoder", "bert.encoder.layer.1.output.dense.weight", 3, nan,
			"loss is NaN at step 4 (epoch 0.67), first not finite in output of encoder 2; the checkpoint of step 2 is kept"},
		{"when a checkpoint is due", "bert.encoder.layer.0.attention.self.value.weight", 4, nan,
			"loss is NaN at step 5 (epoch 0.83), first not finite in attention of encoder 1; the checkpoint of step 2 is kept"},
		{"in the embedding", "bert.embeddings.position_embeddings.weight", 1, infinity,
			"loss is NaN at step 2 (epoch 0.33), first not finite in embedding; there is no earlier checkpoint"},
		{"in the head", "classifier.weight", 5, nan,
			"loss is NaN at step 6 (epoch 1.00), first not finite in logits; the checkpoint of step 4 is kept"},
		{"before an evaluation", "classifier.weight", 6, nan,
			"dev loss is NaN at step 6 (epoch 1.00), first not finite in logits; the checkpoint of step 4 is kept"},
	}
	want := finished(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := empty(t)
			err := poison(t, dir, test.tensor, test.step, test.value)
			fails(t, err, filepath.Join(dir, "finetune")+": "+test.want+"; lower finetune.lr or set finetune.clip")
			if _, err := Finetune(background, tiny(t), Options{Dir: dir, Resume: true}); err != nil {
				t.Fatal(err)
			}
			sameFile(t, filepath.Join(dir, "finetune/model.safetensors"), filepath.Join(want, "finetune/model.safetensors"))
		})
	}
}

// A learning rate out of all proportion ends a stage, whichever it is, and
// leaves those before it as they are.
func TestExplosion(t *testing.T) {
	long(t)
	for _, name := range stages {
		t.Run(name, func(t *testing.T) {
			dir := without(t, name)
			if name != "retrain" {
				remove(t, filepath.Join(dir, "retrain"))
			}
			if name == "finetune" {
				remove(t, filepath.Join(dir, "search"))
			}
			before := filepath.Join(dir, "finetune")
			if name == "finetune" {
				before = empty(t)
			}
			keeps(t, before, func() {
				_, err := stageFuncs[name](background, tiny(t, name+".lr=1e30", "checkpoint_every=1"), Options{Dir: dir})
				if err == nil || !strings.Contains(err.Error(), " is NaN at step ") || errors.Is(err, context.Canceled) {
					t.Errorf("error %v, want one of NaN at a step", err)
				}
			})
			if rundir.StageDir(filepath.Join(dir, name)).Complete() {
				t.Error("the stage counts as complete")
			}
		})
	}
}

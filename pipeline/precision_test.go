package pipeline

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/internal/kernel"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
)

// Stage 1 in bfloat16 goes on from a checkpoint to the same bits, which are not those of
// float32, and not in another precision.
func TestBF16GoesOn(t *testing.T) {
	finetune := func(dir string, resume bool, stop func(cancel func()) Reporter, set ...string) error {
		ctx, cancel := context.WithCancel(background)
		defer cancel()
		o := Options{Dir: dir, Resume: resume}
		if stop != nil {
			o.Report = stop(cancel)
		}
		_, err := Finetune(ctx, tiny(t, append(set, "finetune.epochs=1")...), o)
		return err
	}
	whole, exact, dir := t.TempDir(), t.TempDir(), t.TempDir()
	if err := errors.Join(finetune(whole, false, nil, "precision=bf16"), finetune(exact, false, nil)); err != nil {
		t.Fatal(err)
	}
	at3 := func(cancel func()) Reporter { return when{configs.StageFinetune, 3, cancel} }
	if err := finetune(dir, false, at3, "precision=bf16"); !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	if err := finetune(dir, true, nil); err == nil || !strings.Contains(err.Error(), "holds the finetune stage of another experiment (precision: bf16 → float32); go back to its settings") {
		t.Errorf("in another precision it goes on with error %v", err)
	}
	if err := finetune(dir, true, nil, "precision=bf16"); err != nil {
		t.Fatal(err)
	}
	const weights = "finetune/model.safetensors"
	sameFile(t, filepath.Join(dir, weights), filepath.Join(whole, weights))
	if read(t, filepath.Join(whole, weights)) == read(t, filepath.Join(exact, weights)) {
		t.Error("bf16 and float32 end with the same weights")
	}
}

// Pretraining learns in the experiment's precision, too.
func TestPretrainInBF16(t *testing.T) {
	var weights [2]string
	for i, set := range []string{"precision=float32", "precision=bf16"} {
		r, err := Pretrain(background, small(t, set), Options{Dir: t.TempDir(), MaxSteps: 2})
		if err != nil {
			t.Fatal(err)
		}
		weights[i] = read(t, filepath.Join(r.Dir, "model.safetensors"))
	}
	if weights[0] == weights[1] {
		t.Error("bf16 and float32 end with the same weights")
	}
}

// Every stage has the experiment's precision, and so has a student; no teacher has one.
func TestEveryStageHasThePrecision(t *testing.T) {
	e := tiny(t, "precision=bf16", "retrain.distil.alpha=0.5")
	c := arch.DefaultBERT()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize = 50, 12, 4, 3, 20
	p := model.NewParams[float32](c)
	r := &run{Options: Options{Dir: t.TempDir(), Log: slog.New(slog.NewTextHandler(io.Discard, nil))}, exp: e}
	list := stagesFrom(r, nil, c, p)
	for _, method := range []string{configs.MethodDistilBERT, configs.MethodPKD} {
		list = append(list, (&Student{method, 2}).stage(e, c, p))
	}
	if len(list) != 5 {
		t.Fatalf("%d stages, want 5", len(list))
	}
	for _, s := range list {
		if use := s.learner.Use; use.Precision != kernel.BF16 || !use.Train {
			t.Errorf("%s learns in %q", s.name, use.Precision)
		}
	}
}

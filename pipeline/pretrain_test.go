package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
	"github.com/powerbert/powerbert/pipeline/plan"
	"github.com/powerbert/powerbert/pipeline/train"
	"github.com/powerbert/powerbert/predict"
)

// rounds are documents in which every letter follows from the one before it, so
// that a masked one follows from its neighbours and from nothing else: by their
// frequencies the ten letters are as likely as each other.
func rounds(t *testing.T) (texts, vocab string) {
	t.Helper()
	dir := t.TempDir()
	var text strings.Builder
	for i := range 300 {
		for k := range 15 + i%7 {
			text.WriteString(string(rune('a'+(i+k)%10)) + " ")
		}
		text.WriteByte('\n')
	}
	pieces := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	tok, err := tokenizer.New(pieces, tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := tok.Save(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "rounds.txt")
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path, dir
}

// small is an experiment that pretrains on the rounds and grows on the way.
func small(t *testing.T, overrides ...string) *configs.Experiment {
	t.Helper()
	texts, vocab := rounds(t)
	path := filepath.Join(t.TempDir(), "small.yaml")
	text := `
seed: 3
workers: 2
encoder: {layers: 4, hidden: 32, heads: 2, intermediate: 64, positions: 32, dropout: 0.05}
tokenizer: {vocab: ` + vocab + `}
pretrain: {texts: [` + texts + `], max_length: 16, held_out: 0.1, epochs: 2, batch_size: 16, accumulate: 2, lr: 2e-3, stack: [1, 2], stack_share: 0.3, evaluate_every: 8}
checkpoint_every: 3
log_every: 3
`
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	e, err := configs.Load(path, overrides)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Masked-language modelling gets beyond the frequencies of words: it reads the
// neighbours. The fine-tuning after it begins with what it learned.
func TestPretrainReadsTheNeighbours(t *testing.T) {
	long(t)
	dir := t.TempDir()
	e := small(t, "encoder.layers=2", "pretrain.stack=[1]", "pretrain.epochs=20", "pretrain.lr=6e-3", "pretrain.accumulate=1")
	r, err := Pretrain(background, e, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if r.Metric != "perplexity" || r.Dev < 1 || r.Dev > 5 {
		t.Errorf("%s %.2f, want 1 to 5 of the 10 that frequencies give", r.Metric, r.Dev)
	}
	learned := filepath.Join(dir, configs.StagePretrain)
	loaded, err := model.Load[float32](learned, model.LoadOptions{MaskedLM: true})
	if err != nil || loaded.Config.NumHiddenLayers != 2 || !loaded.Config.MaskedLM() {
		t.Fatalf("%v: left %v with %d encoders, want a BertForMaskedLM with 2", err, loaded.Config.Architectures, loaded.Config.NumHiddenLayers)
	}
	if n := loaded.Config.PretrainedLength; n != 16 {
		t.Errorf("config.json says that it learned from %d tokens at most, want 16", n)
	}
	e.Model, e.Pretrain.Stack, e.Pretrain.Epochs, e.Pretrain.LR = learned, nil, 1, 1e-5
	again, err := Pretrain(background, e, Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if again.Dev > 1.2*r.Dev {
		t.Errorf("going on starts with perplexity %.2f, want about %.2f", again.Dev, r.Dev)
	}
}

// Wherever it is interrupted, also right where the model grows, it ends with the
// same bits; and so it does when nobody interrupts it twice.
func TestPretrainResumes(t *testing.T) {
	long(t)
	whole := t.TempDir()
	e := small(t)
	r, err := Pretrain(background, e, Options{Dir: whole})
	if err != nil {
		t.Fatal(err)
	}
	want := read(t, filepath.Join(r.Dir, "model.safetensors"))
	steps := e.Pretrain.Epochs * 10
	for _, step := range []int{1, steps * 3 / 10, steps*3/10 + 1, steps * 6 / 10, steps - 1} {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(background)
		_, err := Pretrain(ctx, e, Options{Dir: dir, Report: when{configs.StagePretrain, step, cancel}})
		if !errors.Is(err, ErrInterrupted) {
			t.Fatalf("interrupted at step %d: %v", step, err)
		}
		if _, err := Pretrain(background, e, Options{Dir: dir, Resume: true}); err != nil {
			t.Fatalf("resumed at step %d: %v", step, err)
		}
		if read(t, filepath.Join(dir, configs.StagePretrain, "model.safetensors")) != want {
			t.Errorf("interrupted at step %d it ends with other weights", step)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A dry run sees every size of the model.
func TestPretrainGrowsInADryRun(t *testing.T) {
	dir := t.TempDir()
	if _, err := Pretrain(background, small(t), Options{Dir: dir, MaxSteps: 3}); err != nil {
		t.Fatal(err)
	}
	c, err := model.ReadConfig(filepath.Join(dir+".dry", configs.StagePretrain))
	if err != nil || c.NumHiddenLayers != 4 {
		t.Errorf("%v: a dry run ends with %d encoders, want 4", err, c.NumHiddenLayers)
	}
}

// The mean of a step's loss is over its guessed tokens, however they are dealt out.
func TestPretrainLossDoesNotDependOnTheDeal(t *testing.T) {
	texts, vocab := rounds(t)
	tok, err := tokenizer.Load(vocab)
	if err != nil {
		t.Fatal(err)
	}
	examples, _, err := data.Corpus{Files: []string{texts}}.Pack(tok, 13, 0.1)
	if err != nil {
		t.Fatal(err)
	}
	masking, err := data.NewMasking(tok, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	config := arch.Config{ModelType: "bert", VocabSize: tok.Size(), HiddenSize: 8, NumHiddenLayers: 1, NumAttentionHeads: 2, IntermediateSize: 12,
		HiddenAct: "gelu", MaxPositionEmbeddings: 16, TypeVocabSize: 2, LayerNormEps: 1e-12, InitializerRange: 0.3}
	config.SetMaskedLM()
	params := model.NewParams[float32](config)
	params.Init(1)
	var first float64
	for i, deal := range []struct{ workers, batch int }{{1, 12}, {3, 12}, {2, 5}} {
		s, err := train.NewStepper(train.Learner{Config: config, Params: params, Use: model.Use{Train: true}, Masking: masking},
			plan.Plan{Batch: deal.batch, LR: 1, Eps: 1}, deal.workers, 0)
		if err != nil {
			t.Fatal(err)
		}
		loss, err := s.Gradients(examples, predict.Between(0, 12), 99)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = loss
		}
		if d := loss - first; d > 1e-5 || d < -1e-5 {
			t.Errorf("%d workers, batches of %d: loss %v, want %v", deal.workers, deal.batch, loss, first)
		}
	}
}

func TestPretrainProblems(t *testing.T) {
	_, err := Pretrain(background, tiny(t), Options{Dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "pretrain.texts is missing") {
		t.Errorf("no texts: %v", err)
	}
	_, err = Finetune(background, small(t), Options{Dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "the experiment only pretrains") {
		t.Errorf("no task: %v", err)
	}
}

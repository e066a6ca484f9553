package pipeline

import (
	"encoding/json"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/model/arch"
)

// modernYAML is an experiment on a ModernBERT of which encoders 2 and 3 read neighbours alone.
const modernYAML = `
encoder: {dropout: 0, attention_dropout: 0}
data: {task: table, train: train.csv, dev: dev.csv, text: [text], label: label, max_length: 24}
finetune: {min_steps: 0, epochs: 4, batch_size: 16, lr: 3e-3}
search: {min_steps: 0, epochs: 1, batch_size: 16, lr: 1e-3, lr_r: 0.05, lambda: 3e-3, ranks: relative}
retrain: {min_steps: 0, epochs: 1, batch_size: 16, lr: 1e-3}
workers: 2
`

// modernDir is a directory of a small ModernBERT with random weights and these further keys.
func modernDir(t *testing.T, extra map[string]json.RawMessage) string {
	t.Helper()
	dir := t.TempDir()
	tok, err := tokenizer.Load("../data/tokenizer/testdata/albert.model")
	if err != nil {
		t.Fatal(err)
	}
	c := arch.FamilyOf(arch.ModernBERT).Defaults()
	c.VocabSize, c.HiddenSize, c.NumHiddenLayers, c.NumAttentionHeads, c.IntermediateSize, c.Extra = tok.Size(), 32, 3, 2, 40, extra
	c.SetLongest(24, int(tok.Pad()))
	p := model.NewParams[float32](c)
	p.Init(4)
	if err := errors.Join(tok.Save(dir), model.Save(dir, c, p)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// All stages of a ModernBERT, by [CLS] and by the mean: it learns, is shortened, stays what
// it was, teaches students of some of its encoders, and runs in int8.
func TestModernBERT(t *testing.T) {
	for name, extra := range map[string]map[string]json.RawMessage{
		"cls":  {"local_attention": json.RawMessage("6")},
		"mean": {"local_attention": json.RawMessage("6"), "classifier_pooling": json.RawMessage(`"mean"`), "norm_bias": json.RawMessage("true")},
	} {
		t.Run(name, func(t *testing.T) {
			long(t)
			dir := t.TempDir()
			write(t, filepath.Join(dir, "modern.yaml"), "model: "+modernDir(t, extra)+modernYAML)
			write(t, filepath.Join(dir, "train.csv"), sentences(1, 480))
			write(t, filepath.Join(dir, "dev.csv"), sentences(2, 90))
			e, err := configs.Load(filepath.Join(dir, "modern.yaml"), []string{"data.dir=" + dir})
			if err != nil {
				t.Fatal(err)
			}
			o := Options{Dir: filepath.Join(dir, "run")}
			results, err := Run(background, e, o)
			if err != nil {
				t.Fatal(err)
			}
			first, found, last := results[0], results[1].Retention, results[2]
			t.Logf("dev %.3f, then %.3f with %v kept and %.0f of %.0f multiply-adds", first.Dev, last.Dev, found.Retention, last.MACs.Real, first.MACs.Real)
			if first.Dev < 0.9 || last.Dev < 0.9 || last.MACs.Real >= first.MACs.Real {
				t.Errorf("dev accuracy is %.3f, then %.3f with %.0f of %.0f multiply-adds", first.Dev, last.Dev, last.MACs.Real, first.MACs.Real)
			}
			m, err := infer.Open(last.Dir, 0)
			if err != nil || m.Config.ModelType != arch.ModernBERT || string(m.Config.Extra["local_attention"]) != "6" {
				t.Fatalf("the model is a %s, error %v", m.Config.ModelType, err)
			}
			again, err := Evaluate(background, last.Dir, EvaluateOptions{})
			if err != nil || again.Value != last.Dev {
				t.Errorf("evaluated again it scores %+v, %v; want %g", again, err, last.Dev)
			}
			for _, s := range []Student{{configs.MethodDistilBERT, 2}, {configs.MethodPKD, 2}} {
				student, err := Distil(background, e, o, s)
				if err != nil || student.Dev < 0.8 {
					t.Errorf("a student by %s scores %+v, error %v", s.Method, student, err)
				}
			}
			config, err := model.ReadConfig(filepath.Join(o.Dir, configs.StudentStage(configs.MethodDistilBERT, 2)))
			if kinds := strings.Join(strings.Fields(string(config.Extra["layer_types"])), ""); err != nil || kinds != `["full_attention","sliding_attention"]` {
				t.Errorf("the student's encoders are %s, error %v", kinds, err)
			}
			quantised(t, last.Dir, o.Dir)
		})
	}
}

// quantised wants the model of a directory to say in int8 nearly what it says in float32.
func quantised(t *testing.T, from, under string) {
	t.Helper()
	to := filepath.Join(under, "int8")
	p, err := infer.OpenPrecisions(from, 24)
	if err == nil {
		err = p.Save(to, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	said := make([][]infer.Prediction, 2)
	for i, dir := range []string{from, to} {
		m, err := infer.Open(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		if said[i], err = m.Classify([]string{"the story is good", "we see a bad film"}); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.EqualFunc(said[0], said[1], func(a, b infer.Prediction) bool { return a.Label == b.Label }) {
		t.Errorf("in int8 it says %+v, want %+v", said[1], said[0])
	}
}

// A ModernBERT that is pretrained and grows while its weights stand still has the first
// encoder's in all of them, but for the LayerNorm that the first one has not got: it begins
// as a new one. Every third reads all, however many there are.
func TestModernBERTGrows(t *testing.T) {
	long(t)
	e := small(t, "encoder.type=modernbert", "pretrain.epochs=1", "pretrain.lr=1e-30", "pretrain.evaluate_every=0")
	r, err := Pretrain(background, e, Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	l, err := model.Load[float32](r.Dir, model.LoadOptions{MaskedLM: true})
	if err != nil || len(l.Initialised)+len(l.Ignored) > 0 || l.Config.NumHiddenLayers != 4 {
		t.Fatalf("%v; new %q, ignored %q", err, l.Initialised, l.Ignored)
	}
	for j, b := range l.Config.Net().Blocks {
		if (b.Attention.Window == nil) != (j%3 == 0) {
			t.Errorf("encoder %d reads %v", j+1, b.Attention.Window)
		}
		first := l.Config.Net().Blocks[0].FFN.In.Weight()
		if got, want := l.Params.Slice(b.FFN.In.Weight()), l.Params.Slice(first); math.Abs(float64(got[5]-want[5])) > 1e-20 || want[5] == 0 {
			t.Errorf("encoder %d begins as %g, want %g", j+1, got[5], want[5])
		}
		if norm := b.Attention.Norm; j > 0 && slices.Min(l.Params.Slice(norm.Weight())) != 1 {
			t.Errorf("%s is %v, want 1", norm.Name, l.Params.Slice(norm.Weight()))
		}
	}
}

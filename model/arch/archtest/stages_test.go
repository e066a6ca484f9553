package archtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/powerbert/powerbert/configs"
	"github.com/powerbert/powerbert/data/tokenizer"
	"github.com/powerbert/powerbert/infer"
	"github.com/powerbert/powerbert/model"
	"github.com/powerbert/powerbert/pipeline"
)

// All stages of an experiment that asks for the family by name: the model learns, is
// shortened, keeps its names, and teaches a student; a directory of it predicts, and
// becomes an ONNX graph.
func TestStages(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for seconds: nothing for the race detector")
	}
	e := experiment(t, `
encoder: {type: `+Type+`, embedding: 12, layers: 2, hidden: 32, heads: 2, intermediate: 48, positions: 24, dropout: 0, attention_dropout: 0}
data: {task: table, dir: DIR, train: train.csv, dev: dev.csv, text: [text], label: label, max_length: 24}
finetune: {min_steps: 0, epochs: 4, batch_size: 16, lr: 3e-3}
search: {epochs: 1, batch_size: 16, lr: 1e-3, lr_r: 0.05, lambda: 3e-3, ranks: relative}
retrain: {min_steps: 0, epochs: 1, batch_size: 16, lr: 1e-3}
`, map[string]string{"train.csv": sentences(0, 480), "dev.csv": sentences(480, 570)})
	dir := filepath.Join(t.TempDir(), "run")
	o := pipeline.Options{Dir: dir}
	results, err := pipeline.Run(context.Background(), e, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		t.Logf("%s: dev %.3f, %d parameters, %.0f of %.0f multiply-adds", r.Stage, r.Dev, r.Params, r.MACs.Real, results[0].MACs.Real)
	}
	if results[0].Dev < 0.9 || results[2].Dev < 0.9 || results[2].MACs.Real > 0.95*results[0].MACs.Real {
		t.Errorf("dev accuracy is %.3f, then %.3f with %.0f of %.0f multiply-adds", results[0].Dev, results[2].Dev, results[2].MACs.Real, results[0].MACs.Real)
	}
	last := filepath.Join(dir, configs.StageRetrain)
	m, err := infer.Open(last, 0)
	if err != nil {
		t.Fatal(err)
	}
	trace, err := m.Trace("a wonderful film")
	if err != nil || slices.Max(trace.Survives) != 2 {
		t.Errorf("traced as %+v, %v", trace, err)
	}
	if x, err := infer.Export(last, filepath.Join(dir, "model.onnx"), 0); err != nil || x.Width != 2 {
		t.Errorf("exported as %+v, %v", x, err)
	}
	if _, err := pipeline.Distil(context.Background(), e, o, pipeline.Student{Method: configs.MethodDistilBERT, Layers: 1}); err != nil {
		t.Error(err)
	}
}

// experiment is that of a YAML text, in which DIR is a folder with the files and a
// tokenizer of the words here.
func experiment(t *testing.T, yaml string, files map[string]string) *configs.Experiment {
	t.Helper()
	dir := t.TempDir()
	tok, err := tokenizer.New(strings.Fields("[PAD] [UNK] [CLS] [SEP] [MASK] a b c d e f g good bad film story love the of"), tokenizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := tok.Save(dir); err != nil {
		t.Fatal(err)
	}
	files["tower.yaml"] = strings.ReplaceAll(yaml+"tokenizer: {vocab: DIR}\nworkers: 2\n", "DIR", dir)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e, err := configs.Load(filepath.Join(dir, "tower.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// sentences are a table of those from one number to another, which say good or bad among
// words that say neither.
func sentences(from, to int) string {
	words, table := strings.Fields("film story love the of"), "text,label\n"
	for i := from; i < to; i++ {
		s, verdict := []string{words[i/2%5], words[i/10%5], words[i/50%5]}, []string{"good", "bad"}[i%2]
		table += strings.Join(slices.Insert(s, i/3%4, verdict), " ") + "," + verdict + "\n"
	}
	return table
}

// letters is an experiment that pretrains on documents in which each letter follows from
// the one before it, and grows on the way.
func letters(t *testing.T, lr float64) *configs.Experiment {
	t.Helper()
	var text strings.Builder
	for i := range 200 {
		for k := range 12 + i%5 {
			text.WriteString(string(rune('a'+(i+k)%7)) + " ")
		}
		text.WriteByte('\n')
	}
	return experiment(t, fmt.Sprintf(`
encoder: {type: %s, embedding: 10, layers: 4, hidden: 30, heads: 3, intermediate: 44, positions: 20, dropout: 0}
pretrain: {texts: [DIR/letters.txt], max_length: 16, held_out: 0.1, epochs: 2, batch_size: 16, lr: %g, stack: [1, 2], stack_share: 0.3}
`, Type, lr), map[string]string{"letters.txt": text.String()})
}

// A model that grows from one encoder to two and four while its weights stand still
// has the first one's in all of them.
func TestGrowth(t *testing.T) {
	if testing.Short() {
		t.Skip("trains: nothing for the race detector")
	}
	e := letters(t, 1e-30)
	r, err := pipeline.Pretrain(context.Background(), e, pipeline.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	l, err := model.Load[float32](r.Dir, model.LoadOptions{MaskedLM: true})
	if err != nil || len(l.Initialised)+len(l.Ignored) > 0 {
		t.Fatalf("%v; new %q, ignored %q", err, l.Initialised, l.Ignored)
	}
	if asks := l.Params.Slice("tower.storey1.asks.weight"); slices.Max(asks) == 0 {
		t.Fatal("the first encoder is zeros")
	}
	for _, x := range l.Params.Tensors() {
		name, inStorey := strings.CutPrefix(x.Name, "tower.storey")
		if !inStorey {
			continue
		}
		first := l.Params.Slice("tower.storey1." + name[2:])
		for i, v := range l.Params.Slice(x.Name) {
			if d := v - first[i]; d > 1e-20 || d < -1e-20 { // what the learning rate moved biases by
				t.Errorf("%s has %g where the first encoder has %g", x.Name, v, first[i])
				break
			}
		}
	}
}
